"""Version 1 of the wire: messages in scoring_pb2, stubs and servicers in scoring_pb2_grpc."""
