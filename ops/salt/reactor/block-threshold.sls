#!jinja|json
{#
  A disk reached the threshold that was set for it: runs a program on its hypervisor that makes it larger.
  On salt/engines/libvirt_events/*/domain/block_threshold.

  This one acts, so it believes less: nothing that is replayed, found out afterwards, cut, or has characters
  that do not belong there. The program has what it needs in its environment and finds no foreign text in its command.
  It should look at the disk before it does anything: an event may come twice, with the same RELAY_ID.

  The minion on the hypervisor is the host's label `minion`, or is called as the host.
-#}
{%- set relay = data.relay %}
{%- set doubts = ["replay", "synthetic", "unsafe", "truncated"] | select("in", relay) | list %}
{
{%- if not doubts %}
  "grow disk": {
    "local.cmd.run_all": [
      {"tgt": {{ [(data.labels | default({})).minion | default(data.host)] | tojson }}},
      {"tgt_type": "list"},
      {"args": {
        "cmd": {{ opts.virt_aggregator.grow_disk | tojson }},
        "python_shell": false,
        "env": {
          "RELAY_ID": {{ relay.id | tojson }},
          "DOMAIN_UUID": {{ data.domain.uuid | tojson }},
          "DOMAIN_NAME": {{ data.domain.name | tojson }},
          "DISK": {{ data.dev | tojson }},
          "DISK_PATH": {{ data.path | default("", true) | tojson }},
          "THRESHOLD": {{ data.threshold | string | tojson }},
          "EXCESS": {{ data.excess | string | tojson }}
        }
      }}
    ]
  }
{%- endif %}
}
