//! An engine over channels: gateways by themselves.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use marketplace::Text;
use marketplace_cluster::{Engine, EngineEvent, Sending};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

type Vm = (Text, u64);

/// Where engines meet.
#[derive(Clone, Default)]
pub(crate) struct Exchange(Arc<Mutex<BTreeMap<Vm, UnboundedSender<EngineEvent>>>>);

impl Exchange {
    fn with<R>(&self, work: impl FnOnce(&mut BTreeMap<Vm, UnboundedSender<EngineEvent>>) -> R) -> R {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn engine(&self) -> Channel {
        let (to_me, events) = unbounded_channel();
        Channel { exchange: self.clone(), to_me, events, vm: None, known: BTreeMap::new() }
    }
}

/// The engine of one machine.
pub(crate) struct Channel {
    exchange: Exchange,
    to_me: UnboundedSender<EngineEvent>,
    events: UnboundedReceiver<EngineEvent>,
    vm: Option<Vm>,
    known: BTreeMap<Vm, UnboundedSender<EngineEvent>>,
}

impl Engine for Channel {
    fn open(&mut self, name: &Text, epoch: u64) {
        let vm = (name.clone(), epoch);
        self.exchange.with(|others| {
            for (other, to_other) in others.iter() {
                let _ = self.to_me.send(EngineEvent::Up(other.0.clone(), other.1));
                let _ = to_other.send(EngineEvent::Up(vm.0.clone(), vm.1));
            }
            others.insert(vm.clone(), self.to_me.clone());
        });
        self.vm = Some(vm);
    }

    fn send(&mut self, to: &Text, epoch: u64, packet: &Bytes) -> Sending {
        let Some((name, own)) = &self.vm else { return Sending::Taken };
        let there = (to.clone(), epoch);
        if !self.known.contains_key(&there)
            && let Some(other) = self.exchange.with(|others| others.get(&there).cloned())
        {
            self.known.insert(there.clone(), other);
        }
        if let Some(other) = self.known.get(&there) {
            let _ = other.send(EngineEvent::From(name.clone(), *own, packet.clone()));
        }
        Sending::Taken
    }

    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<EngineEvent> {
        match ready!(self.events.poll_recv(cx)) {
            Some(event) => Poll::Ready(event),
            None => Poll::Pending,
        }
    }

    fn poll_close(&mut self, _: &mut Context<'_>) -> Poll<()> {
        let Some(vm) = self.vm.take() else { return Poll::Ready(()) };
        self.exchange.with(|others| {
            others.remove(&vm);
            for other in others.values() {
                let _ = other.send(EngineEvent::Down(vm.0.clone(), vm.1));
            }
        });
        Poll::Ready(())
    }
}
