// What the examples of the official JavaScript SDK do, by its own classes; only CONDUCTOR_SERVER_URL is set.
//
// node flows_javascript.mjs FOLDER: the folder holds node_modules. Writes what each flow gave, as JSON.

import { createRequire } from "node:module";

const {
  ConductorWorkflow,
  OrkesClients,
  TaskHandler,
  doWhileTask,
  dynamicForkTask,
  humanTask,
  joinTask,
  newLoopTask,
  simpleTask,
  switchTask,
  terminateTask,
  waitTaskDuration,
  worker,
} = createRequire(`${process.argv[2]}/`)("@io-orkes/conductor-javascript");

const PATIENCE_MS = 30_000;
const done = (outputData) => ({ status: "COMPLETED", outputData });

worker({ taskDefName: "greet_js", registerTaskDef: true })(async (task) =>
  done({ greeting: `Hello, ${task.inputData?.name}!` }),
);
worker({ taskDefName: "spread_js" })(async (task) => {
  const names = Array.from({ length: task.inputData.count }, (_, number) => `branch_${number}`);
  return done({
    tasks: names.map((name) => ({ name: "greet_js", taskReferenceName: name, type: "SIMPLE" })),
    inputs: Object.fromEntries(names.map((name) => [name, { name }])),
  });
});

const clients = await OrkesClients.from();
const runs = clients.getWorkflowClient();
const tasks = clients.getTaskClient();
const workflow = (name) => new ConductorWorkflow(runs, name);
const greet = (ref, name) => simpleTask(ref, "greet_js", { name });

async function until(id, holds) {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const run = await runs.getExecution(id);
    if (holds(run)) return run;
    if (Date.now() > deadline) throw new Error(`${id} is ${run.status}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
const ended = (id) => until(id, (run) => !["RUNNING", "PAUSED"].includes(run.status));
async function started(wf, input = {}) {
  await wf.register(true);
  return wf.startWorkflow(input);
}

const flows = {
  async hello_world() {
    const wf = workflow("hello_js")
      .add(greet("hello_ref", "${workflow.input.name}"))
      .outputParameters({ message: "${hello_ref.output.greeting}" });
    await wf.register(true);
    const run = await wf.execute({ name: "World" });
    return [run.status, run.output.message];
  },
  async dynamic_fork() {
    const fork = dynamicForkTask("fork_ref");
    fork.inputParameters = { dynamicTasks: "${spread_ref.output.tasks}", dynamicTasksInput: "${spread_ref.output.inputs}" };
    const wf = workflow("spreads_js")
      .add(simpleTask("spread_ref", "spread_js", { count: "${workflow.input.count}" }))
      .add(fork)
      .add(joinTask("join_ref", []))
      .outputParameters({ joined: "${join_ref.output}" });
    const run = await ended(await started(wf, { count: 2 }));
    return Object.fromEntries(Object.entries(run.output.joined).map(([name, output]) => [name, output.greeting]));
  },
  async do_while() {
    const wf = workflow("loops_js")
      .add(newLoopTask("three", 3, [greet("in_loop", "you")]))
      .add(doWhileTask("until_true", "if ($.until_true.iteration < 2) { true; } else { false; }", [greet("again", "me")]));
    const run = await ended(await started(wf));
    return [run.status, run.tasks.filter((task) => /^(in_loop|again)__/.test(task.referenceTaskName)).length];
  },
  async switch_and_terminate() {
    const wf = workflow("decides_js").add(
      switchTask("decide", "${workflow.input.way}", { greet: [greet("greeted", "case")] }, [
        terminateTask("stop", "FAILED", "no such way"),
      ]),
    );
    const first = await ended(await started(wf, { way: "greet" }));
    const second = await ended(await started(wf, { way: "other" }));
    return [first.status, second.status, second.reasonForIncompletion];
  },
  async wait() {
    const wf = workflow("waits_js").add(waitTaskDuration("a_second", "1s")).add(humanTask("for_somebody"));
    const id = await started(wf);
    await until(id, (run) => run.tasks.length === 2);
    await runs.updateTaskByRefName("for_somebody", id, "COMPLETED", { by: "ref" });
    return (await ended(id)).output.by;
  },
  async signal() {
    const wf = workflow("signalled_js").add(humanTask("ask")).add(humanTask("more"));
    const id = await started(wf);
    await until(id, (run) => run.tasks.some((task) => task.status === "IN_PROGRESS"));
    const answer = await runs.signal(id, "COMPLETED", { word: "one" });
    await until(id, (run) => run.tasks.length === 2);
    await runs.signalAsync(id, "COMPLETED", { word: "two" });
    return [answer.workflowId === id, (await ended(id)).status];
  },
  async operations() {
    const id = await started(workflow("operated_js").add(humanTask("gate")).add(greet("greeted", "op")));
    await runs.pause(id);
    const seen = [(await runs.getExecution(id)).status];
    await runs.resume(id);
    await runs.terminate(id, "enough");
    seen.push((await runs.getExecution(id)).status);
    await runs.restart(id);
    const gate = (await until(id, (run) => run.status === "RUNNING" && run.tasks.length === 1)).tasks[0];
    await tasks.addTaskLog(gate.taskId, "looked at");
    seen.push((await tasks.getTaskLogs(gate.taskId)).map((line) => line.log));
    await runs.updateTask(gate.taskId, id, "COMPLETED", { by: "id" });
    seen.push((await ended(id)).status);
    const found = await runs.search(0, 10, `workflowId = '${id}'`, "*");
    seen.push(found.results.map((one) => one.workflowType));
    return seen;
  },
};

const handler = new TaskHandler({ client: clients.getClient(), scanForDecorated: true });
await handler.startWorkers();
const answers = {};
for (const [name, flow] of Object.entries(flows)) {
  try {
    answers[name] = await flow();
  } catch (error) {
    answers[name] = String(error);
  }
}
await handler.stopWorkers();
process.stdout.write(`\n${JSON.stringify(answers)}\n`, () => process.exit(0));
