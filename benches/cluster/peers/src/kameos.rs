//! `kameo` with its feature `remote`: actors that are looked up by name, over libp2p.

use std::ops::ControlFlow;
use std::time::Duration;

use futures_util::stream::{self, StreamExt, TryStreamExt};
use kameo::actor::{ActorId, ActorRef, RemoteActorRef, Spawn, WeakActorRef};
use kameo::error::{ActorStopReason, Infallible};
use kameo::message::{Context, Message};
use kameo::{Actor, RemoteActor, remote, remote_message};
use libp2p::multiaddr::Protocol;
use libp2p::swarm::SwarmEvent;
use libp2p::{Multiaddr, Swarm, SwarmBuilder, noise, tcp, yamux};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, BufReader, stdin};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;

use crate::machine::{Machine, now, say};
use crate::{Asked, Outcome, Row};

const ANSWERER: &str = "answerer";
/// How many messages may be under way: each is a stream, and a connection takes so many.
const STREAMS: usize = 100;
/// A measurement takes no longer.
const LONG: Duration = Duration::from_secs(60);

#[derive(Serialize, Deserialize)]
struct Ask(Vec<u8>);
#[derive(Serialize, Deserialize)]
struct Load(Vec<u8>);

/// Answers, and hears.
#[derive(Actor, RemoteActor)]
struct Answerer;

#[remote_message]
impl Message<Ask> for Answerer {
    type Reply = Vec<u8>;

    async fn handle(&mut self, ask: Ask, _: &mut Context<Self, Vec<u8>>) -> Vec<u8> {
        ask.0
    }
}

#[remote_message]
impl Message<Load> for Answerer {
    type Reply = ();

    async fn handle(&mut self, _: Load, _: &mut Context<Self, ()>) {}
}

/// Tells that the one to which it is linked has ended.
#[derive(RemoteActor)]
struct Watcher(UnboundedSender<()>);

impl Actor for Watcher {
    type Args = Self;
    type Error = Infallible;

    async fn on_start(this: Self, _: ActorRef<Self>) -> Result<Self, Infallible> {
        Ok(this)
    }

    async fn on_link_died(
        &mut self,
        _: WeakActorRef<Self>,
        _: ActorId,
        _: ActorStopReason,
    ) -> Result<ControlFlow<ActorStopReason>, Infallible> {
        // The one that measures may have gone.
        let _ = self.0.send(());
        Ok(ControlFlow::Continue(()))
    }
}

fn swarm() -> Outcome<Swarm<remote::Behaviour>> {
    let swarm = SwarmBuilder::with_new_identity()
        .with_tokio()
        .with_tcp(tcp::Config::default(), noise::Config::new, yamux::Config::default)?
        .with_behaviour(|key| {
            remote::Behaviour::new(key.public().to_peer_id(), remote::messaging::Config::default())
        })?
        .with_swarm_config(|config| config.with_idle_connection_timeout(LONG))
        .build();
    swarm.behaviour().try_init_global()?;
    Ok(swarm)
}

/// Says where this machine listens, and goes where it is told to.
async fn run(
    mut swarm: Swarm<remote::Behaviour>,
    mut addresses: UnboundedReceiver<String>,
    listens: impl Fn(String),
) -> Outcome<()> {
    swarm.listen_on("/ip4/127.0.0.1/tcp/0".parse()?)?;
    loop {
        tokio::select! {
            Some(address) = addresses.recv() => {
                let address: Multiaddr = address.parse()?;
                let Some(Protocol::P2p(id)) = address.iter().last() else {
                    return Err("no peer is named".into());
                };
                swarm.add_peer_address(id, address.clone());
                // It fails if that machine has connected already: one connection will do.
                let _ = swarm.dial(address);
            }
            event = swarm.select_next_some() => {
                if let SwarmEvent::NewListenAddr { address, .. } = event {
                    listens(format!("{address}/p2p/{}", swarm.local_peer_id()));
                }
            }
        }
    }
}

/// The machine that answers.
pub(crate) async fn answers() -> Outcome<()> {
    let (found, addresses) = unbounded_channel();
    tokio::spawn(run(swarm()?, addresses, say));
    let answerer = Answerer::spawn(Answerer);
    let mut lines = BufReader::new(stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        found.send(line)?;
        let answerer = answerer.clone();
        tokio::spawn(async move {
            while answerer.register(ANSWERER).await.is_err() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        });
    }
    Ok(())
}

/// Measures a row. Kameo tells nobody who is there.
pub(crate) async fn measure(asked: Asked) -> Outcome<Vec<u64>> {
    if !matches!(asked.row, Row::Trips | Row::Load | Row::Killed) {
        return Ok(Vec::new());
    }
    let (found, addresses) = unbounded_channel();
    let (listens, mut own) = unbounded_channel();
    tokio::spawn(run(swarm()?, addresses, move |address| {
        // It is said once.
        let _ = listens.send(address);
    }));
    let own = own.recv().await.ok_or("it does not listen")?;
    let fresh = async || {
        let mut other = Machine::start(&["kameo", "answers"])?;
        found.send(other.word()?)?;
        other.tell(&own)?;
        for _ in 0..1_000 {
            // It can be found before it answers.
            if let Ok(Some(answerer)) = RemoteActorRef::<Answerer>::lookup(ANSWERER).await
                && answerer.ask(&Ask(Vec::new())).await.is_ok()
            {
                return Outcome::Ok((other, answerer));
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Err("no answerer is found".into())
    };
    let mut samples = Vec::new();
    if asked.row == Row::Killed {
        for _ in 0..asked.samples {
            let (mut other, answerer) = fresh().await?;
            let (told, mut ended) = unbounded_channel();
            let watcher = Watcher::spawn(Watcher(told));
            watcher.link_remote(&answerer).await?;
            let start = now();
            other.kill()?;
            timeout(LONG, ended.recv()).await?;
            samples.push(now() - start);
        }
        return Ok(samples);
    }
    let (_other, answerer) = fresh().await?;
    for _ in 0..asked.samples {
        let start = now();
        match asked.row {
            Row::Trips => {
                for _ in 0..asked.count {
                    answerer.ask(&Ask(vec![b'x'; asked.bytes])).await?;
                }
            }
            // Without acknowledgements nobody could know when all have been heard.
            _ => {
                let load = Load(vec![b'x'; asked.bytes]);
                stream::iter(0..asked.count)
                    .map(|_| Ok(answerer.tell(&load).send_ack()))
                    .try_buffer_unordered(asked.window.min(STREAMS))
                    .try_collect::<()>()
                    .await?;
            }
        }
        samples.push(now() - start);
    }
    Ok(samples)
}
