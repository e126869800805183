# Turns the output of `convoy-redis check --json` into Prometheus text, for the textfile collector of node_exporter.
def labels($deployment): "{deployment=\($deployment | tojson),kind=\(.kind | tojson),subject=\(.subject | tojson),check=\(.check | tojson)}";
.target as $deployment
| "# HELP convoy_redis_check_status What was looked at: 0 ok or not visible, 1 warning, 2 failure.",
  "# TYPE convoy_redis_check_status gauge",
  (.rows[] | "convoy_redis_check_status\(labels($deployment)) \({ok: 0, not_visible: 0, warning: 1, failure: 2}[.status])"),
  "# HELP convoy_redis_check_value The same as a number: percent, seconds, days or a count.",
  "# TYPE convoy_redis_check_value gauge",
  (.rows[] | select(.number != null) | "convoy_redis_check_value\(labels($deployment)) \(.number)")
