//! The objects and promises of a session: those of the peer that come, those of others that go.

use marketplace::objects::*;
use marketplace::{Message, Value, View};
use sha2::{Digest, Sha256};

use crate::peer::line::running::Around;
use crate::peer::line::stand_ins;
use crate::peer::talk::{Standing, opaque};
use crate::session::{Sort, Target, World};
use crate::value::Unreadable;
use crate::wire::{Give, Signed};

/// The method by which gifts are deposited.
const DEPOSIT: &str = "deposit-gift";

/// Whether a message to a bootstrap object deposits a gift.
pub(super) fn is_deposit(parts: &[Value]) -> bool {
    let verb = parts.first().map(Value::view);
    matches!(verb, Some(View::Symbol(verb)) if verb.as_str() == DEPOSIT)
}

impl World for Around {
    fn import_object(&mut self, position: u64, number: u64) -> Reference {
        let (far, here) = reference::<()>();
        self.ask(stand_ins::of_import(here, position, number));
        far.as_ref().clone()
    }

    fn import_promise(&mut self, position: u64, number: u64) -> Reference {
        let (far, here) = reference::<()>();
        self.ask(stand_ins::of_import(here, position, number));
        let promise = self.deciding.promise(Target::Import(position), &far);
        self.to_listen.push(position);
        reference_of(&promise)
    }

    fn sort(&mut self, reference: &Reference) -> Sort {
        if let Some((settler, spawn)) = self.settlers.of(reference) {
            self.ask(spawn);
            return Sort::As(settler);
        }
        match settlement(reference) {
            Settlement::Object(object) if object == *reference => match self.other(reference) {
                Some(other) => Sort::Foreign(self.hand_off(reference, &other)),
                None => Sort::Object,
            },
            Settlement::Object(object) => Sort::Settled(object.into()),
            Settlement::Data(value) => Sort::Settled(value),
            // The peer listens, and hears of a reason so.
            _ => Sort::Promise,
        }
    }

    fn unwritten(&mut self) {
        self.deposits.clear();
    }

    fn given(&mut self, give: Signed) -> Result<Value, Unreadable> {
        let read = Give::read(&give).map_err(|_| Unreadable::Malformed("certificate"))?;
        if read.receiver_key != self.greeted.keys.public() {
            return Err(Unreadable::Malformed("hand-off to this session"));
        }
        let (judge, keys) = (self.judge.clone(), opaque(self.greeted.keys.clone()));
        let mut given = Value::UNIT;
        self.ask(tell(|cx| given = judge.given(cx, give.0, keys).into_value()));
        self.waiting.named.extend(Reference::from_value(&given));
        Ok(given)
    }
}

impl Around {
    /// The session whose object this is, if it is another one, with a peer that can be dialled. (An
    /// object of a peer that only dials is passed on as one of ours.)
    fn other(&self, object: &Reference) -> Option<Standing> {
        let other = self.listed.as_ref()?.other(object)?;
        (!other.location.hints.is_empty()).then_some(other)
    }

    /// Hands off an object of another session: deposits it there, and certifies that the peer may
    /// withdraw it.
    fn hand_off(&mut self, object: &Reference, other: &Standing) -> Signed {
        let gift = self.gift();
        let give = Give {
            receiver_key: self.peer,
            exporter: other.location.clone(),
            session: other.id,
            gifter_side: other.our_id,
            gift: gift.clone(),
        };
        self.deposits.push(tell(|cx| {
            send(cx, &other.bootstrap, DEPOSIT, (gift, object.clone()));
        }));
        give.sign(&other.our_keys)
    }

    /// A new gift id, which nobody can guess.
    fn gift(&mut self) -> bytes::Bytes {
        self.gifts += 1;
        let hash = Sha256::new()
            .chain_update(&self.greeted.seed)
            .chain_update(b"gift")
            .chain_update(self.gifts.to_be_bytes())
            .finalize();
        bytes::Bytes::copy_from_slice(&hash)
    }
}

/// The reference that a promise is.
pub(super) fn reference_of(promise: &Promise<Value>) -> Reference {
    Reference::from_value(&promise.to_value())
        .unwrap_or_else(|| unreachable!("an open promise is a reference"))
}
