#!jinja|json
{#
  A disk of a domain failed, or is full: says so to the webhook, a full one with an alert of its own.
  On salt/engines/libvirt_events/*/domain/io_error.

  A domain that retries can make many of these; the first of a disk is enough for a notice, so let the receiver put
  those with one `group` together.
-#}
{
  "io error": {
    "runner.http.query": [{"args": {
      "url": {{ opts.virt_aggregator.webhook | tojson }},
      "method": "POST",
      "header_dict": {"Content-Type": "application/json"},
      "opts": {"http_request_timeout": 10},
      "data": {{ {
        "alert": "disk-full" if data.reason == "enospc" else "disk-error",
        "id": data.relay.id,
        "group": data.host ~ "/" ~ data.domain.uuid ~ "/" ~ data.dev,
        "host": data.host,
        "domain": data.domain.name,
        "uuid": data.domain.uuid,
        "device": data.dev,
        "path": data.srcPath,
        "action": data.action,
        "reason": data.reason | default("", true),
        "at": data.relay.observed,
        "unsafe": data.relay.unsafe | default([]),
      } | tojson | tojson }}
    }}]
  }
}
