"""A gRPC client made from reflection alone: it has no proto file and no generated code.

`Client` asks the server which services it has, fetches their descriptors and builds messages from them.
Requests go in and answers come out as plain dictionaries, in the JSON form of protobuf with the field
names of the proto files. A refusal is a `Refusal`: status, reason, field, metadata.
"""

import threading

import grpc
from google.protobuf import json_format
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from google.rpc import error_details_pb2
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)
from grpc_status import rpc_status

PACKAGE = "fokus.v1"
CALL_SECONDS = 20


class Refusal(Exception):
    """An answer that is not OK."""

    def __init__(self, error):
        self.status = error.code().name
        self.message = error.details()
        self.reason, self.domain, self.field, self.metadata = "", "", "", {}
        status = rpc_status.from_call(error)
        for detail in status.details if status else []:
            info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
            if detail.Unpack(info):
                self.reason, self.domain = info.reason, info.domain
                self.metadata = dict(info.metadata)
            elif detail.Unpack(bad) and bad.field_violations:
                self.field = bad.field_violations[0].field
        super().__init__(f"{self.status} {self.reason} {self.field}: {self.message}")


class _ReflectionV1:
    """Gives the library's stub, which speaks v1alpha, a channel to v1: the messages are the same."""

    def __init__(self, channel, metadata):
        self._channel, self._metadata = channel, metadata

    def stream_stream(self, path, **options):
        options.pop("_registered_method", None)
        call = self._channel.stream_stream(path.replace("v1alpha", "v1"), **options)
        return lambda requests: call(requests, metadata=self._metadata, timeout=CALL_SECONDS)


class Client:
    """One connection with one token."""

    def __init__(self, address, token):
        self._metadata = [("authorization", f"Bearer {token}")] if token else []
        self._channel = grpc.insecure_channel(address)
        self._database = ProtoReflectionDescriptorDatabase(
            _ReflectionV1(self._channel, self._metadata)
        )
        self._pool = DescriptorPool(self._database)

    def close(self):
        self._channel.close()

    def services(self):
        """The names of all services."""
        return sorted(self._database.get_services())

    def method(self, service, name):
        """The descriptor of a method; the service is named without its package."""
        return self._pool.FindServiceByName(f"{PACKAGE}.{service}").methods_by_name[name]

    def call(self, service, name, request):
        """Calls a unary method."""
        try:
            return _to_dict(self._begin(service, name, request))
        except grpc.RpcError as error:
            raise Refusal(error) from None

    def at_once(self, service, name, requests):
        """Makes all calls at the same time on the one connection: each sends its request only when all
        have begun. Gives each answer or refusal."""
        all_have_begun = threading.Event()

        def held_back(message):
            all_have_begun.wait(CALL_SECONDS)
            yield message

        begin = self._caller(self._channel.stream_unary, service, name)
        messages = [self._message(service, name, it) for it in requests]
        calls = [
            begin.future(held_back(it), metadata=self._metadata, timeout=CALL_SECONDS)
            for it in messages
        ]
        all_have_begun.set()
        outcomes = []
        for call in calls:
            try:
                outcomes.append(_to_dict(call.result()))
            except grpc.RpcError as error:
                outcomes.append(Refusal(error))
        return outcomes

    def garbage(self, service, name, payload):
        """Calls a unary method with bytes that are no message."""
        call = self._channel.unary_unary(f"/{PACKAGE}.{service}/{name}")
        try:
            return call(payload, metadata=self._metadata, timeout=CALL_SECONDS)
        except grpc.RpcError as error:
            raise Refusal(error) from None

    def stream(self, service, name, request, wanted=None):
        """Calls a streaming method; gives the answers, the first `wanted` of them if it never ends."""
        answers = []
        for answer in self.answers(service, name, request):
            answers.append(answer)
            if len(answers) == wanted:
                break
        return answers

    def answers(self, service, name, request):
        """The answers of a streaming method, one after another; leaving off cancels the call."""
        call = self._begin(service, name, request)
        try:
            for answer in call:
                yield _to_dict(answer)
        except grpc.RpcError as error:
            raise Refusal(error) from None
        finally:
            call.cancel()

    def _begin(self, service, name, request):
        streams = self.method(service, name).server_streaming
        kind = self._channel.unary_stream if streams else self._channel.unary_unary
        message = self._message(service, name, request)
        call = self._caller(kind, service, name)
        return call(message, metadata=self._metadata, timeout=CALL_SECONDS)

    def _message(self, service, name, request):
        message = GetMessageClass(self.method(service, name).input_type)()
        return json_format.ParseDict(request, message)

    def _caller(self, kind, service, name):
        return kind(
            f"/{PACKAGE}.{service}/{name}",
            request_serializer=lambda it: it.SerializeToString(),
            response_deserializer=GetMessageClass(self.method(service, name).output_type).FromString,
        )


def _to_dict(message):
    """The message as a dictionary, fields of value 0 included, 64-bit numbers as numbers."""
    plain = json_format.MessageToDict(
        message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )
    return _with_numbers(plain, message.DESCRIPTOR)


def _with_numbers(plain, descriptor):
    for field in descriptor.fields:
        if field.name not in plain:
            continue
        value = plain[field.name]
        if field.cpp_type == field.CPPTYPE_INT64:
            plain[field.name] = [int(it) for it in value] if isinstance(value, list) else int(value)
        elif field.message_type and field.message_type.file.package == PACKAGE:
            each = value if isinstance(value, list) else [value]
            for it in each:
                _with_numbers(it, field.message_type)
    return plain
