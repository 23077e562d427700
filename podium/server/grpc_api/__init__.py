"""Conductor's gRPC services over the same table as its REST API (extra ``podium[grpc]``)."""
