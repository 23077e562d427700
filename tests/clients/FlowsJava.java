// What the examples of the official Java client do, by its own classes; only CONDUCTOR_SERVER_URL is set.
//
// java -cp 'LIB/*' FlowsJava.java: writes what each flow gave, as JSON.

import com.fasterxml.jackson.databind.ObjectMapper;
import com.netflix.conductor.client.http.ConductorClient;
import com.netflix.conductor.client.http.TaskClient;
import com.netflix.conductor.client.http.WorkflowClient;
import com.netflix.conductor.common.metadata.tasks.Task;
import com.netflix.conductor.common.metadata.tasks.TaskResult;
import com.netflix.conductor.common.run.Workflow;
import com.netflix.conductor.sdk.workflow.def.ConductorWorkflow;
import com.netflix.conductor.sdk.workflow.def.WorkflowBuilder;
import com.netflix.conductor.sdk.workflow.def.tasks.DoWhile;
import com.netflix.conductor.sdk.workflow.def.tasks.DynamicFork;
import com.netflix.conductor.sdk.workflow.def.tasks.SimpleTask;
import com.netflix.conductor.sdk.workflow.def.tasks.Switch;
import com.netflix.conductor.sdk.workflow.def.tasks.Terminate;
import com.netflix.conductor.sdk.workflow.def.tasks.Wait;
import com.netflix.conductor.sdk.workflow.executor.WorkflowExecutor;
import com.netflix.conductor.sdk.workflow.task.InputParam;
import com.netflix.conductor.sdk.workflow.task.WorkerTask;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

public class FlowsJava {
    static final int PATIENCE_S = 30;

    public static class Workers {
        @WorkerTask(value = "greet_java", pollingInterval = 20)
        public Map<String, Object> greet(@InputParam("name") String name) {
            return Map.of("greeting", "Hello, " + name);
        }

        @WorkerTask(value = "spread_java", pollingInterval = 20)
        public Map<String, Object> spread(@InputParam("count") int count) {
            List<Map<String, Object>> tasks = new ArrayList<>();
            Map<String, Object> inputs = new TreeMap<>();
            for (int number = 0; number < count; number++) {
                String name = "branch_" + number;
                tasks.add(Map.of("name", "greet_java", "taskReferenceName", name, "type", "SIMPLE"));
                inputs.put(name, Map.of("name", name));
            }
            return Map.of("tasks", tasks, "inputs", inputs);
        }
    }

    final WorkflowExecutor executor;
    final WorkflowClient runs;
    final TaskClient tasks;

    FlowsJava(ConductorClient client) {
        executor = new WorkflowExecutor(client, 20);
        runs = new WorkflowClient(client);
        tasks = new TaskClient(client);
        executor.initWorkersFromInstances(List.of(new Workers()));
    }

    WorkflowBuilder<Map<String, Object>> workflow(String name) {
        return new WorkflowBuilder<Map<String, Object>>(executor).name(name).version(1).ownerEmail("me@example.com");
    }

    SimpleTask greet(String ref, String name) {
        SimpleTask made = new SimpleTask("greet_java", ref);
        made.input("name", name);
        return made;
    }

    String start(ConductorWorkflow<Map<String, Object>> workflow, Map<String, Object> input) {
        workflow.registerWorkflow(true, true);
        return executor.startWorkflow(workflow.getName(), 1, input);
    }

    Workflow until(String id, Predicate<Workflow> holds) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_S);
        while (true) {
            Workflow run = runs.getWorkflow(id, true);
            if (holds.test(run)) return run;
            if (System.nanoTime() > deadline) throw new IllegalStateException(id + " is " + run.getStatus());
            Thread.sleep(50);
        }
    }

    Workflow ended(String id) throws InterruptedException {
        return until(id, run -> run.getStatus().isTerminal());
    }

    Object helloWorld() throws Exception {
        ConductorWorkflow<Map<String, Object>> made =
                workflow("hello_java").add(greet("hello", "${workflow.input.name}")).build();
        made.registerWorkflow(true, true);
        Workflow run = made.execute(Map.of("name", "World")).get(PATIENCE_S, TimeUnit.SECONDS);
        return List.of(run.getStatus(), run.getOutput().get("greeting"));
    }

    Object dynamicFork() throws Exception {
        SimpleTask spread = new SimpleTask("spread_java", "spread");
        spread.input("count", "${workflow.input.count}");
        DynamicFork fork = new DynamicFork("fork", "${spread.output.tasks}", "${spread.output.inputs}");
        Workflow run = ended(start(workflow("spreads_java").add(spread, fork).build(), Map.of("count", 2)));
        return new TreeMap<>(Map.of(
                "status", run.getStatus(),
                "branches", run.getTasks().stream().filter(each -> each.getReferenceTaskName().startsWith("branch_")).count()));
    }

    Object doWhile() throws Exception {
        DoWhile loop = new DoWhile("loop", 3, greet("in_loop", "you"));
        Workflow run = ended(start(workflow("loops_java").add(loop).build(), Map.of()));
        long times = run.getTasks().stream().filter(each -> each.getReferenceTaskName().startsWith("in_loop__")).count();
        return List.of(run.getStatus(), times);
    }

    Object switchAndTerminate() throws Exception {
        Switch decide = new Switch("decide", "${workflow.input.way}")
                .switchCase("greet", greet("greeted", "case"))
                .defaultCase(new Terminate("stop", Workflow.WorkflowStatus.FAILED, "no such way"));
        ConductorWorkflow<Map<String, Object>> made = workflow("decides_java").add(decide).build();
        Workflow first = ended(start(made, Map.of("way", "greet")));
        Workflow second = ended(start(made, Map.of("way", "other")));
        return List.of(first.getStatus(), second.getStatus(), second.getReasonForIncompletion());
    }

    Object waitFor() throws Exception {
        ConductorWorkflow<Map<String, Object>> made = workflow("waits_java")
                .add(new Wait("a_second", Duration.ofSeconds(1)), new Wait("for_somebody")).build();
        String id = start(made, Map.of());
        until(id, run -> run.getTasks().size() == 2);
        tasks.updateTaskSync(id, "for_somebody", TaskResult.Status.COMPLETED, Map.of("by", "ref"));
        return ended(id).getOutput().get("by");
    }

    Object signal() throws Exception {
        ConductorWorkflow<Map<String, Object>> made =
                workflow("signalled_java").add(new Wait("ask"), new Wait("more")).build();
        String id = start(made, Map.of());
        until(id, run -> run.getTasks().stream().anyMatch(each -> each.getStatus() == Task.Status.IN_PROGRESS));
        boolean answered = tasks.signal(id, Task.Status.COMPLETED, Map.of("word", "one")) != null;
        until(id, run -> run.getTasks().size() == 2);
        tasks.signalAsync(id, Task.Status.COMPLETED, Map.of("word", "two"));
        return List.of(answered, ended(id).getStatus());
    }

    Object operations() throws Exception {
        List<Object> seen = new ArrayList<>();
        String id = start(workflow("operated_java").add(new Wait("gate"), greet("greeted", "op")).build(), Map.of());
        runs.pauseWorkflow(id);
        seen.add(runs.getWorkflow(id, false).getStatus());
        runs.resumeWorkflow(id);
        runs.terminateWorkflow(id, "enough");
        seen.add(runs.getWorkflow(id, false).getStatus());
        runs.restart(id, false);
        Task gate = until(id, run -> !run.getStatus().isTerminal() && run.getTasks().size() == 1).getTasks().get(0);
        tasks.logMessageForTask(gate.getTaskId(), "looked at");
        seen.add(tasks.getTaskLogs(gate.getTaskId()).get(0).getLog());
        TaskResult result = new TaskResult(gate);
        result.setStatus(TaskResult.Status.COMPLETED);
        tasks.updateTask(result);
        seen.add(ended(id).getStatus());
        seen.add(runs.search("workflowId = '" + id + "'").getResults().get(0).getWorkflowType());
        runs.deleteWorkflow(id, false);
        return seen;
    }

    public static void main(String[] arguments) throws Exception {
        FlowsJava flows = new FlowsJava(new ConductorClient(System.getenv("CONDUCTOR_SERVER_URL")));
        Map<String, Callable<Object>> all = new LinkedHashMap<>();
        all.put("hello_world", flows::helloWorld);
        all.put("dynamic_fork", flows::dynamicFork);
        all.put("do_while", flows::doWhile);
        all.put("switch_and_terminate", flows::switchAndTerminate);
        all.put("wait", flows::waitFor);
        all.put("signal", flows::signal);
        all.put("operations", flows::operations);
        Map<String, Object> answers = new LinkedHashMap<>();
        for (Map.Entry<String, Callable<Object>> flow : all.entrySet()) {
            try {
                answers.put(flow.getKey(), flow.getValue().call());
            } catch (Exception error) {
                answers.put(flow.getKey(), error.toString());
            }
        }
        System.out.println("\n" + new ObjectMapper().writeValueAsString(answers));
        System.exit(0);
    }
}
