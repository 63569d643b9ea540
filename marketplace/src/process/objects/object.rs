//! An object, as its process has it.

use std::any::Any;

use crate::conversation::promise::OfObject;
use crate::data::reason::Failure;
use crate::data::reference::Reference;
use crate::data::slots::Slot;
use crate::data::value::Value;
use crate::process::objects::core::Core;
use crate::process::objects::cx::Cx;

/// The answer of a method or a continuation.
pub type Heard = Result<Value, Failure>;

/// Something that can be spoken to by reference. `#[object]` on an `impl` block writes it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no object",
    label = "expected a type with `#[object]` on an `impl` block",
    note = "what stands in the block is what others may call"
)]
pub trait Object: Sized + Send + 'static {
    /// The name of the type.
    #[doc(hidden)]
    const NAME: &'static str;
    /// The methods.
    #[doc(hidden)]
    const VERBS: &'static [&'static str];
    /// Takes a message: a verb and arguments.
    #[doc(hidden)]
    fn hear(&mut self, cx: &Cx<'_, Self>, message: &[Value]) -> Heard;
    /// Its last turn: nobody has it any more.
    #[doc(hidden)]
    fn released(&mut self, cx: &Cx<'_, Self>) {
        let _ = cx;
    }
    /// Whether [`Object::released`] says anything.
    #[doc(hidden)]
    const HEEDS_RELEASE: bool = false;
    /// Whether an error undoes the turn.
    #[doc(hidden)]
    const IS_TRANSACTIONAL: bool = false;
    /// The object as it is now, if an error undoes the turn.
    #[doc(hidden)]
    fn backup(&self) -> Option<Self> {
        None
    }
}

/// An object without its type.
pub(crate) trait ErasedObject: Send {
    fn hear(&mut self, core: &Core<'_>, me: &Reference, slot: Slot<OfObject>, message: &[Value]) -> Heard;
    fn released(&mut self, core: &Core<'_>, me: &Reference, slot: Slot<OfObject>);
    fn heeds_release(&self) -> bool;
    /// The object as it is now, if an error undoes the turn.
    fn backup(&self) -> Option<Box<dyn ErasedObject>>;
    /// The name of its type.
    fn name(&self) -> &'static str;
    fn as_any(&mut self) -> &mut dyn Any;
}

/// An object in its place. It is empty while handlers have it as their state.
pub(crate) struct Housed<O>(pub(super) Option<O>);

impl<O: Object> Housed<O> {
    fn object(&mut self) -> &mut O {
        match &mut self.0 {
            Some(object) => object,
            None => unreachable!("an object is lent to one turn at a time"),
        }
    }
}

impl<O: Object> ErasedObject for Housed<O> {
    #[inline]
    fn hear(&mut self, core: &Core<'_>, me: &Reference, slot: Slot<OfObject>, message: &[Value]) -> Heard {
        if O::IS_TRANSACTIONAL {
            core.note_before(slot, &*self, true);
        }
        Object::hear(self.object(), &Cx::new(core, me, slot), message)
    }
    fn released(&mut self, core: &Core<'_>, me: &Reference, slot: Slot<OfObject>) {
        Object::released(self.object(), &Cx::new(core, me, slot));
    }
    fn heeds_release(&self) -> bool {
        O::HEEDS_RELEASE
    }
    fn backup(&self) -> Option<Box<dyn ErasedObject>> {
        let object = self.0.as_ref()?.backup()?;
        Some(Box::new(Self(Some(object))))
    }
    fn name(&self) -> &'static str {
        O::NAME
    }
    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
}
