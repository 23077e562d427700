"""
Between messages and the JSON of the REST API: their names correspond, field by field.

What is not said in a message is 0, false or the first value of an enumeration, which is what Conductor's mapper makes
of it too; an empty text means nothing. All numbers of payloads are floats on the wire: whole ones become integers here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf import struct_pb2
from google.protobuf.descriptor import FieldDescriptor

from podium.model.codec import camel

_VALUE = "google.protobuf.Value"
#: Fields of JSON that are called otherwise than by the rule, by message.
_NAMES: Mapping[tuple[str, str], str] = {
    ("Action", "start_workflow"): "start_workflow",
    ("Action", "complete_task"): "complete_task",
    ("Action", "fail_task"): "fail_task",
    ("Action", "terminate_workflow"): "terminate_workflow",
    ("Action", "update_workflow_variables"): "update_workflow_variables",
    ("Action", "expand_inline_json"): "expandInlineJSON",
    ("Task", "execution_name_space"): "executionNameSpace",
    ("SubWorkflowParams", "workflow_definition"): "workflowDefinition",
}
#: Numbers whose 0 means that nothing is said, as it means something else in JSON.
_UNSAID_AT_ZERO = frozenset(
    {("WorkflowTask", "retry_count"), ("StartWorkflowRequest", "version"), ("SubWorkflowParams", "version")}
)


def to_json(message: Any) -> dict[str, Any]:
    """Return a message as the REST API writes it."""
    found: dict[str, Any] = {}
    for field in message.DESCRIPTOR.fields:
        value = getattr(message, field.name)
        if _is_map(field):
            kind = field.message_type.fields_by_name["value"]
            if value:
                found[_key(message, field)] = {name: _plain(kind, each) for name, each in value.items()}
        elif field.is_repeated:
            if value:
                found[_key(message, field)] = [_plain(field, each) for each in value]
        elif field.type == FieldDescriptor.TYPE_MESSAGE:
            if message.HasField(field.name):
                found[_key(message, field)] = _plain(field, value)
        elif value or (field.type != FieldDescriptor.TYPE_STRING and not _is_unsaid(message, field)):
            found[_key(message, field)] = _plain(field, value)
    return found


def _plain(field: Any, value: Any) -> Any:
    if field.type == FieldDescriptor.TYPE_ENUM:
        word = field.enum_type.values_by_number[value].name.removeprefix(f"{field.enum_type.name}_")
        return word.lower() if field.enum_type.name == "ActionType" else word
    if field.type != FieldDescriptor.TYPE_MESSAGE:
        return value
    if field.message_type.full_name == _VALUE:
        return json_of(value)
    inner = to_json(value)
    return inner.get("tasks", []) if field.message_type.name == "WorkflowTaskList" else inner


def json_of(value: Any) -> Any:
    """Return what a ``google.protobuf.Value`` holds."""
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return {name: json_of(each) for name, each in value.struct_value.fields.items()}
    if kind == "list_value":
        return [json_of(each) for each in value.list_value.values]
    if kind in {None, "null_value"}:
        return None
    plain = getattr(value, kind)
    return int(plain) if kind == "number_value" and plain.is_integer() else plain


def fill(message: Any, data: Mapping[str, Any]) -> Any:
    """Return a message, filled with what the REST API writes; fields that it does not have are passed over."""
    for field in message.DESCRIPTOR.fields:
        value = data.get(_key(message, field))
        if value is None:
            continue
        if _is_map(field):
            _fill_map(getattr(message, field.name), field.message_type.fields_by_name["value"], value)
        elif field.is_repeated:
            for each in value:
                if field.type == FieldDescriptor.TYPE_MESSAGE:
                    _fill_one(getattr(message, field.name).add(), field, each)
                else:
                    getattr(message, field.name).append(each)
        elif field.type == FieldDescriptor.TYPE_MESSAGE:
            _fill_one(getattr(message, field.name), field, value)
        else:
            _set(message, field, value)
    return message


def _set(message: Any, field: Any, value: Any) -> None:
    if field.type == FieldDescriptor.TYPE_ENUM:
        known = field.enum_type.values_by_name.get(f"{field.enum_type.name}_{str(value).upper()}")
        if known is not None:
            setattr(message, field.name, known.number)
    elif field.type == FieldDescriptor.TYPE_STRING:
        setattr(message, field.name, str(value))
    elif field.type == FieldDescriptor.TYPE_INT64:
        setattr(message, field.name, int(value))
    else:
        setattr(message, field.name, value)


def _fill_map(found: Any, kind: Any, value: Mapping[str, Any]) -> None:
    for name, each in value.items():
        if kind.type == FieldDescriptor.TYPE_MESSAGE:
            _fill_one(found[name], kind, each)
        else:
            found[name] = each


def _fill_one(message: Any, field: Any, value: Any) -> None:
    message.SetInParent()
    if field.message_type.full_name == _VALUE:
        fill_value(message, value)
    else:
        fill(message, {"tasks": value} if field.message_type.name == "WorkflowTaskList" else value)


def fill_value(message: Any, value: Any) -> None:
    """Let a ``google.protobuf.Value`` hold a JSON value."""
    if value is None:
        message.null_value = struct_pb2.NULL_VALUE
    elif isinstance(value, bool):
        message.bool_value = value
    elif isinstance(value, int | float):
        message.number_value = value
    elif isinstance(value, str):
        message.string_value = value
    elif isinstance(value, Mapping):
        message.struct_value.SetInParent()
        for name, each in value.items():
            fill_value(message.struct_value.fields[name], each)
    else:
        message.list_value.SetInParent()
        for each in value:
            fill_value(message.list_value.values.add(), each)


def _key(message: Any, field: Any) -> str:
    return _NAMES.get((message.DESCRIPTOR.name, field.name)) or camel(field.name)


def _is_map(field: Any) -> bool:
    return field.message_type is not None and field.message_type.GetOptions().map_entry


def _is_unsaid(message: Any, field: Any) -> bool:
    return (message.DESCRIPTOR.name, field.name) in _UNSAID_AT_ZERO
