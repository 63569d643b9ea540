//! A dataspace, and the actors that the host makes in it.

use std::sync::{Arc, Mutex, PoisonError};

use syndicate::actor::{
    Account, Activation, Actor, ActorResult, AnyValue, Cap, Entity, FacetRef, Ref, Synced,
};
use syndicate::dataspace::Dataspace;
use syndicate::language;
use syndicate::schemas::dataspace::Observe;
use syndicate::schemas::dataspace_patterns::Pattern;
use tokio::sync::oneshot;

use crate::actors::{Ender, Guest, Leaver, Member, Order};
use crate::data;

/// A dataspace, and an actor that acts for the host.
pub(crate) struct World {
    pub(crate) dataspace: Arc<Cap>,
    home: FacetRef,
    host: FacetRef,
    account: Arc<Account>,
    /// An actor to which nobody has a reference ends, so there is one to each.
    references: Arc<Mutex<Vec<Arc<Ref<Order>>>>>,
    _host: Arc<Ref<Order>>,
}

impl World {
    pub(crate) async fn new() -> Self {
        let (dataspace, home) = top(|turn| Cap::new(&turn.create(Dataspace::new(None)))).await;
        let (anchor, host) = top(|turn| turn.create(Ender)).await;
        Self {
            dataspace,
            home,
            host,
            account: Account::new(None, None),
            references: Arc::default(),
            _host: anchor,
        }
    }

    /// In a turn of the host.
    pub(crate) fn act(&self, act: impl FnOnce(&mut Activation)) {
        let acted = self.host.activate(&self.account, None, |turn| {
            act(turn);
            Ok(())
        });
        assert!(acted, "the host is alive");
    }

    /// One that waits.
    pub(crate) fn spawn_idle(&self, turn: &mut Activation) {
        let references = self.references.clone();
        spawn(turn, move |turn| {
            let _ = turn.prevent_inert_check();
            keep(&references, turn.create(Ender));
        });
    }

    /// One that hears what this pattern matches.
    pub(crate) fn spawn_observer<E: Entity<AnyValue> + Send + 'static>(
        &self,
        turn: &mut Activation,
        pattern: Pattern,
        entity: E,
    ) {
        let (dataspace, references) = (self.dataspace.clone(), self.references.clone());
        spawn(turn, move |turn| {
            let observer = Cap::new(&turn.create(entity));
            dataspace.assert(turn, language(), &Observe { pattern, observer });
            keep(&references, turn.create(Ender));
        });
    }

    /// One that is in the room and hears who is.
    pub(crate) fn spawn_member(&self, turn: &mut Activation, who: u64, member: Member) {
        let (dataspace, references) = (self.dataspace.clone(), self.references.clone());
        spawn(turn, move |turn| {
            let observer = Cap::new(&turn.create(member));
            let presence = dataspace.assert(turn, &(), &data::present(who));
            dataspace.assert(turn, language(), &Observe { pattern: data::anybody(), observer });
            keep(&references, turn.create(Leaver { presence }));
        });
    }

    pub(crate) fn order_all(&self, order: &Order) {
        let all = self.references.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.act(|turn| all.iter().for_each(|one| turn.message(one, order.clone())));
    }

    /// Waits until the dataspace has seen what the host has done.
    pub(crate) async fn settle(&self) {
        let (say, said) = oneshot::channel();
        self.act(|turn| {
            let done = turn.create(Done(Some(say)));
            self.dataspace.sync(turn, done);
        });
        said.await.expect("the dataspace is alive");
    }

    /// Ends the dataspace and the host.
    pub(crate) fn end(&self) {
        for facet in [&self.host, &self.home] {
            facet.activate(&self.account, None, |turn| {
                turn.stop_root();
                Ok(())
            });
        }
    }
}

/// One that gets a message, and ends.
pub(crate) fn spawn_guest(turn: &mut Activation, guest: Guest) {
    spawn(turn, move |turn| {
        let _ = turn.prevent_inert_check();
        let guest = turn.create(guest);
        turn.add_exit_hook(&guest);
        turn.message(&guest, Order::End);
    });
}

pub(crate) fn spawn(turn: &mut Activation, boot: impl FnOnce(&mut Activation) + Send + 'static) {
    turn.spawn(None, |turn| {
        boot(turn);
        Ok(())
    });
}

fn keep(references: &Mutex<Vec<Arc<Ref<Order>>>>, reference: Arc<Ref<Order>>) {
    references.lock().unwrap_or_else(PoisonError::into_inner).push(reference);
}

/// An actor of its own, and what is made in it.
async fn top<T: Send + 'static>(make: fn(&mut Activation) -> T) -> (T, FacetRef) {
    let (say, said) = oneshot::channel();
    Actor::top(None, move |turn| {
        let _ = turn.prevent_inert_check();
        let made = make(turn);
        let _ = say.send((made, turn.facet_ref()));
        Ok(())
    });
    said.await.expect("it begins")
}

struct Done(Option<oneshot::Sender<()>>);

impl Entity<Synced> for Done {
    fn message(&mut self, _: &mut Activation, _: Synced) -> ActorResult {
        if let Some(say) = self.0.take() {
            let _ = say.send(());
        }
        Ok(())
    }
}
