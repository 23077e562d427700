"""
Builders of task types for one subject each, used as ``from podium.dsl import ai`` and ``ai.chat("answer", ...)``.

=============== ===================================================================
`ai`            language models: chat, texts, embeddings, images, sound, video
`vectors`       vector databases: index, store, search
`mcp`           tools of MCP servers
`agents`        agents of Conductor, and others over A2A
`documents`     files and documents: read, split, list, write PDF
`databases`     SQL
`web`           HTTP polling, gRPC, webhooks
`messages`      where an `podium.dsl.event` goes
`runs`          other runs: look at, search, update, end
`credentials`   secrets and signed tokens
`alerts`        e-mail and alarms
`rules`         decision tables
`people`        forms and assignments of human tasks
=============== ===================================================================

All take the step's reference name first and everything else by name; None stands for "not given". Every value may be a
reference. Which servers run a type is told in `podium.model.task_types` and in each docstring; where no server does, a
worker polls the type's name.
"""

from __future__ import annotations
