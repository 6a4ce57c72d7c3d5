#!jinja|json
{#
  A domain ended and nobody had asked for it: says so to the webhook.
  On salt/engines/libvirt_events/*/domain/lifecycle.

  What is replayed on request, or found out afterwards, is told as well; `again` and `derived` tell them apart. A repeat
  after a crash of ours has neither, and the same `id`.
-#}
{
{%- if (data.event, data.detail) in [
  ("stopped", "crashed"), ("stopped", "failed"), ("crashed", "panicked"), ("crashed", "crashloaded"),
] %}
  "domain failed": {
    "runner.http.query": [{"args": {
      "url": {{ opts.virt_aggregator.webhook | tojson }},
      "method": "POST",
      "header_dict": {"Content-Type": "application/json"},
      "opts": {"http_request_timeout": 10},
      "data": {{ {
        "alert": "domain-failed",
        "id": data.relay.id,
        "host": data.host,
        "domain": data.domain.name,
        "uuid": data.domain.uuid,
        "what": data.event ~ ": " ~ data.detail,
        "at": data.relay.observed,
        "again": data.relay.replay is defined,
        "derived": data.relay.synthetic is defined,
        "unsafe": data.relay.unsafe | default([]),
      } | tojson | tojson }}
    }}]
  }
{%- endif %}
}
