//! Typed references.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::ops::Deref;

use crate::data::message::Message;
use crate::data::reference::{Reference, WeakReference};
use crate::data::value::{Value, View};

/// A reference to an object that is a `T`, as far as one knows. Nothing is trusted: a method that
/// is not there is an error that is told to the sender.
///
/// Its methods are those of `T`. Each takes a `cx`, which says where the message is sent from, and
/// gives a [`Promise`] of the answer. It has no other methods, so that `T` can have any:
/// [`cast`], [`weak`] and the like are functions.
///
/// ```
/// use marketplace::objects::*;
/// use marketplace::prelude::*;
/// use marketplace::sim::Sim;
///
/// struct Greeter;
///
/// #[object]
/// impl Greeter {
///     fn greet(&self, name: Text) -> Text {
///         format!("hello, {name}").into()
///     }
/// }
///
/// let mut sim = Sim::new(|_| {
///     let (spawn, greeter) = spawn_object(Greeter);
///     transition_no_state!(
///         spawn,
///         ask(move |cx| greeter.greet(cx, "world"), |(), greeting| {
///             Ok(transition_no_state!(send_message!(greeting?)))
///         }),
///     )
/// });
/// sim.run();
/// assert_eq!(sim.messages_of::<Text>(), ["hello, world"]);
/// ```
pub struct Far<T: ?Sized>(Reference, PhantomData<fn() -> Box<T>>);

/// A `T` to be: the answer to a message. One can send to it, and pass it on, before it is settled.
///
/// A promise of a [`Far<T>`](Far) has the methods of `T`: what is sent to it waits there until it
/// is settled, and then goes on. Dropping a promise takes nothing back. A promise has no `==`: only
/// what it is settled with can be compared.
pub struct Promise<T>(Value, PhantomData<fn() -> T>);

/// Gives the methods of an object type to the references to such an object. `#[object]` writes it.
/// Its name is what rustc says of a second block for a type.
#[doc(hidden)]
pub trait OneObjectBlock {
    type Face: ?Sized;
    fn face(reference: &Reference) -> &Self::Face;
}

impl<T: ?Sized> Far<T> {
    pub(crate) const fn of(reference: Reference) -> Self {
        Self(reference, PhantomData)
    }
}

/// No promise is one, so the two methods below are never there. Where somebody calls one, rustc
/// says this.
#[diagnostic::on_unimplemented(
    message = "a promise has no `when` or `then`: the process or object that waits says that",
    label = "an object waits by `cx.when(&promise, |me, cx, got| ..)`",
    note = "another process waits by an action: `when(promise, |state, got| ..)`"
)]
#[doc(hidden)]
pub trait WaitsItself {}

/// A method of an object that has one of these names is called all the same.
#[doc(hidden)]
impl<T> Promise<T>
where
    Self: WaitsItself,
{
    pub fn when<F>(&self, _: F) {}
    pub fn then<F>(&self, _: F) {}
}

impl<T> Promise<T> {
    pub(crate) fn of(reference: Reference) -> Self {
        Self(reference.into(), PhantomData)
    }
}

/// A value to which one can send.
#[doc(hidden)]
pub trait Addressee {
    fn to_reference(&self) -> Reference;
}

/// Says that the object is a `T`. Nothing is checked: if it is none, whoever sends to it is told.
///
/// ```
/// use marketplace::objects::*;
/// use marketplace::prelude::*;
///
/// #[object]
/// trait Observer {
///     fn changed(&mut self, value: u64);
/// }
///
/// struct Screen(u64);
///
/// #[object]
/// impl Screen {
///     fn changed(&mut self, value: u64) {
///         self.0 = value;
///     }
/// }
///
/// let (_spawn, screen): (Spawn<()>, Far<Screen>) = spawn_object(Screen(0));
/// let observer: Far<dyn Observer> = cast(&screen);
/// # let _ = observer;
/// ```
#[must_use]
pub fn cast<T: ?Sized>(object: &impl AsRef<Reference>) -> Far<T> {
    Far::of(object.as_ref().clone())
}

/// A reference that does not keep the object.
pub struct WeakFar<T: ?Sized>(WeakReference, PhantomData<fn() -> Box<T>>);

/// A reference that does not keep the object. It is no message.
///
/// ```
/// use marketplace::objects::*;
/// use marketplace::prelude::*;
///
/// struct Nothing;
/// #[object]
/// impl Nothing {}
///
/// let (spawn, far): (Spawn<()>, Far<Nothing>) = spawn_object(Nothing);
/// let weak = weak(&far);
/// assert_eq!(weak.upgrade(), Some(far.clone()));
/// drop((spawn, far));
/// assert_eq!(weak.upgrade(), None);
/// ```
#[must_use]
pub fn weak<T: ?Sized>(far: &Far<T>) -> WeakFar<T> {
    WeakFar(far.0.downgrade(), PhantomData)
}

impl<T: ?Sized> WeakFar<T> {
    /// The reference, if somebody has it still.
    #[must_use]
    pub fn upgrade(&self) -> Option<Far<T>> {
        self.0.upgrade().map(Far::of)
    }
}

impl<T: ?Sized> Clone for WeakFar<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone(), PhantomData)
    }
}

impl<T: ?Sized> fmt::Debug for WeakFar<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.upgrade() {
            Some(reference) => write!(f, "weak {reference:?}"),
            None => f.write_str("weak, gone"),
        }
    }
}

impl<T: OneObjectBlock + ?Sized> Deref for Far<T> {
    type Target = T::Face;
    fn deref(&self) -> &T::Face {
        T::face(&self.0)
    }
}

impl<T: OneObjectBlock + ?Sized> Deref for Promise<Far<T>> {
    type Target = T::Face;
    fn deref(&self) -> &T::Face {
        T::face(self.as_ref())
    }
}

// Derived impls would ask the same of `T`.
impl<T: ?Sized> Clone for Far<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone(), PhantomData)
    }
}

impl<T: ?Sized> PartialEq for Far<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<T: ?Sized> Eq for Far<T> {}

impl<T: ?Sized> PartialOrd for Far<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T: ?Sized> Ord for Far<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}

impl<T: ?Sized> Hash for Far<T> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.0.hash(hasher);
    }
}

impl<T: ?Sized> fmt::Debug for Far<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl<T> Clone for Promise<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone(), PhantomData)
    }
}

impl<T> fmt::Debug for Promise<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl<T: ?Sized> AsRef<Reference> for Far<T> {
    fn as_ref(&self) -> &Reference {
        &self.0
    }
}

impl<T: ?Sized> AsRef<Reference> for Promise<Far<T>> {
    fn as_ref(&self) -> &Reference {
        match self.0.view() {
            View::Reference(reference) => reference,
            _ => unreachable!("a promise of a reference is one"),
        }
    }
}

impl AsRef<Self> for Reference {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl Addressee for Reference {
    fn to_reference(&self) -> Reference {
        self.clone()
    }
}

impl<T: ?Sized> Addressee for Far<T> {
    fn to_reference(&self) -> Reference {
        self.0.clone()
    }
}

impl<T> Addressee for Promise<T> {
    fn to_reference(&self) -> Reference {
        match self.0.view() {
            View::Reference(reference) if !reference.is_resolver() => reference.clone(),
            _ => Reference::settled(self.0.clone()),
        }
    }
}

impl<T: ?Sized + 'static> Message for Far<T> {
    type Gives = Self;

    fn to_value(&self) -> Value {
        self.0.clone().into()
    }
    fn into_value(self) -> Value {
        self.0.into()
    }
    /// The reference of an object, or a promise that is settled with one and has nothing waiting.
    fn from_value(value: &Value) -> Option<Self> {
        match value.view() {
            View::Reference(reference) => reference.as_object().map(Self::of),
            _ => None,
        }
    }
}

impl<T: Message> Message for Promise<T> {
    type Gives = T;

    fn to_value(&self) -> Value {
        self.0.clone()
    }
    fn into_value(self) -> Value {
        self.0
    }
    /// Any reference, and a plain `T`.
    fn from_value(value: &Value) -> Option<Self> {
        match value.view() {
            View::Reference(reference) if !reference.is_resolver() => Some(Self(value.clone(), PhantomData)),
            _ => T::from_value(value).map(Self::from),
        }
    }
}

impl Message for Reference {
    type Gives = Self;

    fn to_value(&self) -> Value {
        self.clone().into()
    }
    fn into_value(self) -> Value {
        self.into()
    }
    fn from_value(value: &Value) -> Option<Self> {
        match value.view() {
            View::Reference(reference) if !reference.is_resolver() => Some(reference.clone()),
            _ => None,
        }
    }
}

impl<T: ?Sized> From<Far<T>> for Reference {
    fn from(far: Far<T>) -> Self {
        far.0
    }
}

impl<T: ?Sized> From<&Far<T>> for Reference {
    fn from(far: &Far<T>) -> Self {
        far.0.clone()
    }
}

/// A promise of an object is as good as the object.
impl<T: ?Sized> From<Promise<Far<T>>> for Reference {
    fn from(promise: Promise<Far<T>>) -> Self {
        promise.as_ref().clone()
    }
}

impl<T: ?Sized> From<Far<T>> for Value {
    fn from(far: Far<T>) -> Self {
        far.0.into()
    }
}

impl<T> From<Promise<T>> for Value {
    fn from(promise: Promise<T>) -> Self {
        promise.0
    }
}

impl<T: Message> From<T> for Promise<T> {
    fn from(message: T) -> Self {
        Self(message.into_value(), PhantomData)
    }
}

impl<T: Message> From<&T> for Promise<T> {
    fn from(message: &T) -> Self {
        Self(message.to_value(), PhantomData)
    }
}

impl<T> From<&Self> for Promise<T> {
    fn from(promise: &Self) -> Self {
        promise.clone()
    }
}

impl<T: ?Sized> From<&Self> for Far<T> {
    fn from(far: &Self) -> Self {
        far.clone()
    }
}
