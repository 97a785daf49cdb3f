"""Files of judgments from anywhere, aggregated, measured and replayed without a database."""
