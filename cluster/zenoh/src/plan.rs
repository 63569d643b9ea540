//! Things that Zenoh is told: where machines are, and the settings without which it does not keep
//! order.

use std::net::SocketAddr;
use std::time::Duration;

use marketplace::Text;
use serde_json::{Value, json};
use socket2::Socket;

#[cfg(feature = "tls")]
use crate::certificates::Certificates;
use crate::keys::Keys;
use crate::session::Wanted;

/// The things that Zenoh is told.
pub(crate) struct Plan {
    pub(crate) keys: Keys,
    /// Where other machines are, or routers.
    pub(crate) dials: Vec<String>,
    /// All other machines that can be dialled.
    pub(crate) all: Vec<String>,
    /// It goes through routers.
    pub(crate) is_client: bool,
    pub(crate) listens: Option<SocketAddr>,
    /// Keeps the address at which it listens from others.
    pub(crate) taken: Option<Socket>,
    #[cfg(feature = "tls")]
    pub(crate) certificates: Option<Certificates>,
    /// The other machines of the list.
    pub(crate) others: Vec<Text>,
}

impl Plan {
    /// The sessions that a machine may want.
    pub(crate) fn wanted(&self, lease: Duration, limit: usize) -> zenoh::Result<Wanted> {
        let dials_all = (self.dials.len() < self.all.len()).then_some(&self.all[..]);
        let config = |dials, listens| self.zenoh(dials, listens, lease, limit);
        Ok(Wanted {
            config: config(&self.dials, self.listens)?,
            dials_all: dials_all.map(|all| config(all, self.listens)).transpose()?,
            looks: dials_all.map(|all| config(all, None)).transpose()?,
            lease,
            others: self.others.clone(),
        })
    }

    /// The configuration of Zenoh.
    pub(crate) fn zenoh(
        &self,
        dials: &[String],
        listens: Option<SocketAddr>,
        lease: Duration,
        limit: usize,
    ) -> zenoh::Result<zenoh::Config> {
        let millis = u64::try_from(lease.as_millis()).unwrap_or(u64::MAX).max(1);
        let protocol = if self.has_certificates() { "tls" } else { "tcp" };
        let at = |address: &dyn std::fmt::Display| format!("{protocol}/{address}");
        let listens: Vec<_> = listens.iter().map(|address| at(address)).collect();
        let dials: Vec<_> = dials.iter().map(|address| at(address)).collect();
        let mut config = json!({
            "mode": if self.is_client { "client" } else { "peer" },
            "listen": { "endpoints": listens },
            "connect": {
                "endpoints": dials,
                // The program begins without the others. A client tries each router once, the first
                // one first: if it waited, it would wait for the first only. Its session is opened
                // again and again, and words say why.
                "timeout_ms": if self.is_client { 0 } else { -1 },
                "exit_on_failure": self.is_client,
                "retry": { "period_init_ms": 100, "period_max_ms": 1000, "period_increase_factor": 2 },
            },
            // The picture is the gateway's: nothing waits here for machines that may be gone.
            "open": { "return_conditions": { "connect_scouted": false, "declares": false } },
            // Machines are those of the list. One that dials what it only hears of would make a
            // second connection to it.
            "scouting": { "multicast": { "enabled": false }, "gossip": { "enabled": false } },
            "transport": {
                "unicast": {
                    // With it, a machine's end overtakes what it has said.
                    "qos": { "enabled": false },
                    // The next router is not to wait long for one that takes everything, and says
                    // nothing.
                    "open_timeout": millis,
                    "max_sessions": 10_000,
                    "accept_pending": 1000,
                },
                "link": {
                    "protocols": [protocol],
                    "tx": {
                        "lease": millis,
                        "keep_alive": 4,
                        // A machine that takes nothing for the lease is down.
                        "queue": { "congestion_control": { "block": {
                            "wait_before_close": millis.saturating_mul(1000),
                        } } },
                    },
                    // Around a packet there is less than as much again.
                    "rx": { "max_message_size": limit.saturating_mul(2) },
                },
            },
        });
        self.prove(&mut config);
        zenoh::Config::from_json5(&config.to_string())
    }

    #[cfg(not(feature = "tls"))]
    #[expect(clippy::unused_self, reason = "it has none")]
    fn has_certificates(&self) -> bool {
        false
    }

    #[cfg(not(feature = "tls"))]
    #[expect(clippy::unused_self, reason = "it has none")]
    fn prove(&self, _: &mut Value) {}

    #[cfg(feature = "tls")]
    fn has_certificates(&self) -> bool {
        self.certificates.is_some()
    }

    /// Lets each side show a certificate, and pins what a machine may say to the name in it.
    #[cfg(feature = "tls")]
    fn prove(&self, config: &mut Value) {
        let Some(Certificates { authority, certificate, key }) = &self.certificates else { return };
        config["transport"]["link"]["tls"] = json!({
            "root_ca_certificate": authority,
            "listen_certificate": certificate,
            "listen_private_key": key,
            "connect_certificate": certificate,
            "connect_private_key": key,
            "enable_mtls": true,
            // The name in it is that of a machine, wherever that is: the rules below look at it.
            // The name of a router is its host.
            "verify_name_on_connect": self.is_client,
            "close_link_on_expiration": true,
        });
        // Others are behind a router, which looks at their names.
        if !self.is_client {
            config["access_control"] = self.rules();
        }
    }

    #[cfg(feature = "tls")]
    fn rules(&self) -> Value {
        let (mut rules, mut subjects, mut policies) = (Vec::new(), Vec::new(), Vec::new());
        for (number, name) in self.others.iter().enumerate() {
            let of = self.keys.of(name);
            let mut allow = |messages: Value, keys: &str| {
                let id = format!("r{}", rules.len());
                rules.push(json!({
                    "id": id, "permission": "allow", "flows": ["ingress"], "messages": messages, "key_exprs": [keys],
                }));
                id
            };
            let allowed = [
                allow(json!(["liveliness_token"]), &of.token),
                allow(json!(["put"]), &of.speech),
                allow(json!(["declare_subscriber"]), &of.inbox),
                allow(json!(["declare_liveliness_subscriber", "liveliness_query"]), &self.keys.tokens()),
            ];
            subjects.push(json!({ "id": format!("m{number}"), "cert_common_names": [name.as_str()] }));
            policies.push(json!({ "rules": allowed, "subjects": [format!("m{number}")] }));
        }
        // Where a machine is known, it is told what this one has to say.
        rules.push(json!({
            "id": "out", "permission": "allow", "flows": ["egress"], "key_exprs": ["mp/1/**"],
            "messages": [
                "put", "declare_subscriber", "liveliness_token", "declare_liveliness_subscriber", "liveliness_query",
            ],
        }));
        subjects.push(json!({ "id": "all" }));
        policies.push(json!({ "rules": ["out"], "subjects": ["all"] }));
        json!({
            "enabled": true,
            "default_permission": "deny",
            "rules": rules,
            "subjects": subjects,
            "policies": policies,
        })
    }
}

/// Whether it is a host and a port.
pub(crate) fn is_address(address: &str) -> bool {
    let parts = address.rsplit_once(':').filter(|(host, _)| !host.is_empty());
    // These have a meaning in an endpoint of Zenoh.
    parts.is_some_and(|(_, port)| port.parse::<u16>().is_ok()) && !address.contains(['/', '?', '#', ';'])
}
