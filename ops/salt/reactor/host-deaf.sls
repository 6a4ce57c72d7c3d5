#!jinja|json
{#
  Nothing is heard of a hypervisor, not everything may be, or something was missed: says so to the webhook.
  On salt/engines/libvirt_events/*/host/down, */host/gap, */host/degraded and */host/flapping.

  These are the service's own events. `message` has libvirt's words, and through them the host's.
-#}
{
  "host deaf": {
    "runner.http.query": [{"args": {
      "url": {{ opts.virt_aggregator.webhook | tojson }},
      "method": "POST",
      "header_dict": {"Content-Type": "application/json"},
      "opts": {"http_request_timeout": 10},
      "data": {{ {
        "alert": "host-" ~ tag.split("/")[-1],
        "id": data.relay.id,
        "host": data.host,
        "labels": data.labels | default({}),
        "reason": data.reason | default(data.cause) | default(data.doubt) | default(""),
        "message": data.message | default(""),
        "from": data.since | default(data.from) | default(none),
        "to": data.to | default(none),
      } | tojson | tojson }}
    }}]
  }
}
