"""What helps to test workflows, workers and backends."""
