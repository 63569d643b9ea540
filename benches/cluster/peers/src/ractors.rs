//! `ractor_cluster`: actors of other nodes, and process groups that reach over nodes.

use std::collections::VecDeque;
use std::net::TcpListener;
use std::time::Duration;

use ractor::pg::{self, GroupChangeMessage};
use ractor::rpc::CallResult;
use ractor::{Actor, ActorCell, ActorProcessingErr, ActorRef, RpcReplyPort, SupervisionEvent};
use ractor_cluster::{NodeServer, RactorClusterMessage, RactorMessage, client_connect};
use tokio::io::{AsyncBufReadExt, BufReader, stdin};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;

use crate::machine::{Machine, now, say};
use crate::{Asked, Outcome, Row};

type Started<S> = Result<S, ActorProcessingErr>;

const ANSWERERS: &str = "answerers";
const THINGS: &str = "things";
/// A measurement takes no longer.
const LONG: Duration = Duration::from_secs(60);

#[derive(RactorClusterMessage)]
enum Said {
    Load(Vec<u8>),
    #[rpc]
    Ask(Vec<u8>, RpcReplyPort<Vec<u8>>),
    /// It is answered when everything before it has been heard.
    #[rpc]
    Heard(RpcReplyPort<u64>),
}

/// Answers, and counts what it hears.
struct Answerer;

impl Actor for Answerer {
    type Msg = Said;
    type State = u64;
    type Arguments = ();

    async fn pre_start(&self, _: ActorRef<Said>, (): ()) -> Started<u64> {
        Ok(0)
    }

    async fn handle(&self, _: ActorRef<Said>, said: Said, heard: &mut u64) -> Started<()> {
        match said {
            Said::Load(_) => *heard += 1,
            Said::Ask(bytes, reply) => reply.send(bytes)?,
            Said::Heard(reply) => reply.send(*heard)?,
        }
        Ok(())
    }
}

/// Tells who comes to a group, and who leaves it.
struct Watcher;

#[derive(RactorMessage)]
struct Nothing;

enum Change {
    Came(Vec<ActorCell>),
    Went,
}

impl Actor for Watcher {
    type Msg = Nothing;
    type State = UnboundedSender<Change>;
    type Arguments = UnboundedSender<Change>;

    async fn pre_start(&self, _: ActorRef<Nothing>, told: Self::State) -> Started<Self::State> {
        Ok(told)
    }

    async fn handle_supervisor_evt(
        &self,
        _: ActorRef<Nothing>,
        event: SupervisionEvent,
        told: &mut Self::State,
    ) -> Started<()> {
        let change = match event {
            SupervisionEvent::ProcessGroupChanged(GroupChangeMessage::Join(_, _, who)) => Change::Came(who),
            SupervisionEvent::ProcessGroupChanged(GroupChangeMessage::Leave(..)) => Change::Went,
            _ => return Ok(()),
        };
        // The one that measures may have gone.
        let _ = told.send(change);
        Ok(())
    }
}

/// A node, and what it sees of the two groups.
struct Node {
    server: ActorRef<ractor_cluster::NodeServerMessage>,
    answerers: UnboundedReceiver<Change>,
    things: UnboundedReceiver<Change>,
}

impl Node {
    async fn start(name: &str, port: u16) -> Outcome<Self> {
        let (host, cookie) = ("localhost".into(), "cookie".into());
        let server = NodeServer::new(port, cookie, name.into(), host, None, None);
        let (server, _) = Actor::spawn(None, server, ()).await?;
        let answerers = watch(ANSWERERS).await?;
        let things = watch(THINGS).await?;
        Ok(Self { server, answerers, things })
    }

    async fn connect(&self, port: u16) -> Outcome<()> {
        for _ in 0..500 {
            if client_connect(&self.server, ("127.0.0.1", port)).await.is_ok() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Err("the other machine does not listen".into())
    }

    /// Waits until so many things have come.
    async fn see(&mut self, count: usize) -> Outcome<u64> {
        let mut seen = 0;
        while seen < count {
            match timeout(LONG, self.things.recv()).await? {
                Some(Change::Came(who)) => seen += who.len(),
                // Those of the machine before go.
                Some(Change::Went) => (),
                None => return Err("nobody watches".into()),
            }
        }
        Ok(now())
    }
}

async fn watch(group: &str) -> Outcome<UnboundedReceiver<Change>> {
    let (told, changes) = unbounded_channel();
    let (watcher, _) = Actor::spawn(None, Watcher, told).await?;
    pg::monitor(group.into(), watcher.get_cell());
    Ok(changes)
}

/// Lets so many things come at once.
async fn come(count: usize) -> Outcome<()> {
    let mut things = Vec::new();
    for _ in 0..count {
        things.push(Actor::spawn(None, Answerer, ()).await?.0.get_cell());
    }
    pg::join(THINGS.into(), things);
    Ok(())
}

/// The machine that answers, and lets things come when it is told to.
pub(crate) async fn answers(port: u16) -> Outcome<()> {
    let _node = Node::start("other", port).await?;
    let (answerer, _) = Actor::spawn(None, Answerer, ()).await?;
    pg::join(ANSWERERS.into(), vec![answerer.get_cell()]);
    let mut lines = BufReader::new(stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        let start = now();
        come(line.parse()?).await?;
        say(start);
    }
    Ok(())
}

/// The machine that joins late.
pub(crate) async fn joins(port: u16, count: usize) -> Outcome<()> {
    let mut node = Node::start("late", 0).await?;
    node.connect(port).await?;
    say(node.see(count).await?);
    Ok(())
}

/// Measures a row.
pub(crate) async fn measure(asked: Asked) -> Outcome<Vec<u64>> {
    let port = TcpListener::bind("[::]:0")?.local_addr()?.port();
    let mut samples = Vec::new();
    if asked.row == Row::Joiner {
        let _node = Node::start("first", port).await?;
        come(asked.count).await?;
        for _ in 0..asked.samples {
            let start = now();
            let late = Machine::start(&["ractor", "joins", &port.to_string(), &asked.count.to_string()]);
            let seen = tokio::task::spawn_blocking(|| late?.word()).await??;
            samples.push(seen.parse::<u64>()? - start);
        }
        return Ok(samples);
    }
    let fresh = async |name: &str| {
        let other = Machine::start(&["ractor", "answers", &port.to_string()])?;
        let mut node = Node::start(name, 0).await?;
        node.connect(port).await?;
        // The one of the machine before may go now.
        let who = loop {
            match timeout(LONG, node.answerers.recv()).await? {
                Some(Change::Came(who)) => break who,
                Some(Change::Went) => (),
                None => return Err("nobody watches".into()),
            }
        };
        let answerer: ActorRef<Said> = who.into_iter().next().ok_or("nobody came")?.into();
        Outcome::Ok((other, node, answerer))
    };
    match asked.row {
        Row::Trips | Row::Load => {
            let (_other, _node, answerer) = fresh("first").await?;
            for _ in 0..asked.samples {
                let start = now();
                match asked.row {
                    Row::Trips => trips(&answerer, asked).await?,
                    _ => load(&answerer, asked).await?,
                }
                samples.push(now() - start);
            }
        }
        Row::Presence => {
            let (mut other, mut node, _) = fresh("first").await?;
            for _ in 0..asked.samples {
                other.tell("1")?;
                let seen = node.see(1).await?;
                samples.push(seen.saturating_sub(other.word()?.parse()?));
            }
        }
        Row::Announced => {
            for n in 0..asked.samples {
                let (mut other, mut node, _) = fresh(&format!("machine{n}")).await?;
                other.tell(&asked.count.to_string())?;
                let seen = node.see(asked.count).await?;
                samples.push(seen.saturating_sub(other.word()?.parse()?));
            }
        }
        Row::Killed => {
            for n in 0..asked.samples {
                let (mut other, mut node, _) = fresh(&format!("machine{n}")).await?;
                let start = now();
                other.kill()?;
                match timeout(LONG, node.answerers.recv()).await? {
                    Some(Change::Went) => samples.push(now() - start),
                    _ => return Err("an answerer came again".into()),
                }
            }
        }
        Row::Joiner => {}
    }
    Ok(samples)
}

async fn trips(answerer: &ActorRef<Said>, asked: Asked) -> Outcome<()> {
    for _ in 0..asked.count {
        let bytes = vec![b'x'; asked.bytes];
        match answerer.call(|reply| Said::Ask(bytes, reply), None).await? {
            CallResult::Success(_) => (),
            _ => return Err("no answer".into()),
        }
    }
    Ok(())
}

async fn load(answerer: &ActorRef<Said>, asked: Asked) -> Outcome<()> {
    let part = asked.window / 4;
    let mut under_way = VecDeque::new();
    for _ in 0..asked.count / part {
        for _ in 0..part {
            answerer.cast(Said::Load(vec![b'x'; asked.bytes]))?;
        }
        let answerer = answerer.clone();
        under_way.push_back(tokio::spawn(async move { answerer.call(Said::Heard, None).await }));
        if under_way.len() == 4
            && let Some(heard) = under_way.pop_front()
        {
            heard.await??;
        }
    }
    for heard in under_way {
        heard.await??;
    }
    Ok(())
}
