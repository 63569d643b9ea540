//! Messages: Rust types that are data.

mod of_std;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasher, Hash};

use bytes::Bytes;
use im::{OrdMap, OrdSet};

use crate::data::fresh::Fresh;
use crate::data::hash;
use crate::data::opaque::Opaque;
use crate::data::reason::{Reason, SharedError};
use crate::data::symbol::{Label, Symbol};
use crate::data::text::Text;
use crate::data::value::shared::Identity;
use crate::data::value::{Value, View};

/// A type whose values can be sent, matched and named: it converts to a [`Value`] and back, and
/// nothing is lost on the way.
///
/// Derive it. A struct is a record with its name as label, a variant a record labelled
/// `Enum.Variant`, fields in order; equal label and arity are the same message on purpose. (If the
/// fields differ, a debug build [warns](crate::GroundVm::take_twins).) A tuple, an array or a `Vec`
/// is a sequence, `()` is unit, every integer type the same kind of integer. A `Duration` is its
/// nanoseconds, an `IpAddr` or a `SocketAddr` its text (with a flow label, that and a number). The
/// type need not be `Clone`: what goes to many receivers is the value.
///
/// A field of type `Value` holds any message. In a template it takes a `Value` or a `&str`; for
/// anything else, write `x.to_value()`.
///
/// A `&str` is not a message, since nothing reads one back. A value of it is `Value::from("nick")`,
/// and of a tuple with one in it `Value::from(("nick", text))`, where `("nick", text).to_value()`
/// does not compile. A function that takes an `impl IntoValue`, such as a name, takes the tuple
/// as it is.
///
/// `#[message(label = "..")]` gives it another label, `#[message(label = Type)]` that of another
/// struct, and `#[message(driver = CONST)]` says which [driver](crate::Driver) answers for it.
///
/// ```
/// use marketplace::{Message, Symbol, Text, Value};
///
/// #[derive(Message, Clone, Debug, PartialEq)]
/// struct Says { who: Symbol, what: Text }
///
/// let says = Says { who: "tony".into(), what: "hello".into() };
/// assert_eq!(format!("{:?}", says.to_value()), r#"Says('tony, "hello")"#);
/// assert_eq!(Says::from_value(&says.to_value()), Some(says));
///
/// #[derive(Message, Clone)]
/// struct Wraps(Value);
/// let mood = Symbol::new("glad");
/// assert_eq!(marketplace::topic!(Wraps(mood.to_value())).to_string(), "Wraps('glad)");
/// assert_eq!(Value::from(("nick", &mood)).to_string(), r#"["nick", 'glad]"#);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a message",
    label = "this type cannot be sent, matched or used as a name",
    note = "a type of yours becomes one by `#[derive(Message)]`; a text is a `Text` or a `String`, not a `&str`",
    note = "of a type of another crate, send what it is made of, or wrap it in `Opaque`, which does not leave the program",
    note = "a topic names a type with its places: `Says {{ .. }}`, `Question(_)`"
)]
pub trait Message: Sized + Send + Sync + 'static {
    /// The constructors that a template may name.
    #[doc(hidden)]
    const CONSTRUCTORS: &'static [Constructor] = &[];

    /// The type that a promise of it gives: itself, for all messages but promises.
    type Gives: Message;
    /// Whether these make all records that there are of this type.
    #[doc(hidden)]
    const IS_LISTED: bool = false;

    /// This message as a value.
    fn to_value(&self) -> Value;

    /// This message as a value, when nobody needs the message any more: a value is moved, not
    /// cloned.
    fn into_value(self) -> Value {
        self.to_value()
    }

    /// The message that this value is; `None` when it does not fit.
    fn from_value(value: &Value) -> Option<Self>;

    /// Its identity as a field of a record that may be shared: messages of one identity are the
    /// same.
    #[doc(hidden)]
    #[inline]
    fn identity(&self) -> Option<Identity> {
        None
    }

    /// The message that this reason is, for `match_reason!`.
    #[doc(hidden)]
    fn from_reason(reason: &Reason) -> Option<Self> {
        match reason {
            Reason::Value(value) => Self::from_value(value),
            _ => None,
        }
    }

    /// The reason that this message is, for `because`.
    #[doc(hidden)]
    fn to_reason(&self) -> Reason {
        Reason::Value(self.to_value())
    }
}

/// The facts about a constructor that a template needs: names are compared by [`key`] at compile
/// time.
#[doc(hidden)]
#[derive(Debug)]
pub struct Constructor {
    /// The name's key; `None` for a struct or a tuple, whose only constructor goes by any name.
    pub name: Option<u64>,
    /// The label of its records; `None` for a tuple, which is a sequence.
    pub label: Option<&'static Label>,
    /// The keys of the fields' names (of a tuple: "0", "1", ..).
    pub fields: &'static [u64],
}

impl Constructor {
    /// Whether the records of the other constructor have the same label and as many fields.
    pub(crate) const fn makes_records_of(&self, other: &Self) -> bool {
        let same_label = match (self.label, other.label) {
            (Some(label), Some(other)) => label.hash_code() == other.hash_code(),
            (None, None) => true,
            _ => false,
        };
        same_label && self.fields.len() == other.fields.len()
    }
}

/// The key of a name.
#[doc(hidden)]
#[must_use]
pub const fn key(name: &str) -> u64 {
    hash::of_text(name)
}

/// The label of the records of another struct.
#[doc(hidden)]
#[must_use]
pub const fn label_of<M: Message>() -> &'static Label {
    match *M::CONSTRUCTORS {
        [Constructor { name: None, label: Some(label), .. }] => label,
        _ => panic!("only a struct whose `Message` is derived has one label: its name"),
    }
}

impl<M: Message> From<&M> for Value {
    fn from(message: &M) -> Self {
        message.to_value()
    }
}

impl Message for Value {
    type Gives = Self;
    #[inline]
    fn to_value(&self) -> Value {
        self.clone()
    }
    #[inline]
    fn into_value(self) -> Value {
        self
    }
    #[inline]
    fn from_value(value: &Value) -> Option<Self> {
        Some(value.clone())
    }
    #[inline]
    fn identity(&self) -> Option<Identity> {
        match self.view() {
            View::Int(n) => Identity::of_int(n),
            View::Text(text) => Identity::of_text(text),
            _ => None,
        }
    }
}

macro_rules! integers {
    ($($type:ty)*) => {$(
        impl Message for $type {
            type Gives = Self;
            const IS_LISTED: bool = true;
            #[inline]
            fn to_value(&self) -> Value {
                // Every one of these types fits an i128.
                Value::from(*self as i128)
            }
            #[inline]
            fn identity(&self) -> Option<Identity> {
                Identity::of_int(*self as i128)
            }
            #[inline]
            fn from_value(value: &Value) -> Option<Self> {
                match value.view() {
                    View::Int(i) => i.try_into().ok(),
                    _ => None,
                }
            }
        }
    )*};
}

integers!(u8 u16 u32 u64 usize i8 i16 i32 i64 i128 isize);

/// Types that are one kind of value, each through its own view, and with an identity if it has one.
macro_rules! atoms {
    ($($type:ty: $view:pat => $found:expr $(, $identity:path)?;)*) => {$(
        impl Message for $type {
            type Gives = Self;
            const IS_LISTED: bool = true;
            #[inline]
            fn to_value(&self) -> Value {
                Value::from(self.clone())
            }
            #[inline]
            fn from_value(value: &Value) -> Option<Self> {
                match value.view() {
                    $view => Some($found.clone()),
                    _ => None,
                }
            }
            $(#[inline]
            fn identity(&self) -> Option<Identity> {
                $identity(self)
            })?
        }
    )*};
}

atoms! {
    (): View::Unit => ();
    bool: View::Bool(b) => b;
    f64: View::Float(x) => x;
    Text: View::Text(text) => text, Identity::of_text;
    Symbol: View::Symbol(symbol) => symbol;
    Bytes: View::Bytes(bytes) => bytes;
    Opaque: View::Opaque(opaque) => opaque;
    Fresh: View::Fresh(fresh) => fresh;
}

impl Message for f32 {
    type Gives = Self;
    const IS_LISTED: bool = true;
    fn to_value(&self) -> Value {
        Value::from(f64::from(*self))
    }
    /// Only a number that an `f32` holds exactly, and any NaN.
    fn from_value(value: &Value) -> Option<Self> {
        match value.view() {
            View::Float(x) if x.is_nan() || f64::from(x as Self).to_bits() == x.to_bits() => Some(x as Self),
            _ => None,
        }
    }
}

impl Message for String {
    type Gives = Self;
    const IS_LISTED: bool = true;
    fn to_value(&self) -> Value {
        Value::from(Text::from(self.as_str()))
    }
    fn from_value(value: &Value) -> Option<Self> {
        Text::from_value(value).map(|text| text.as_str().into())
    }
}

impl Message for char {
    type Gives = Self;
    const IS_LISTED: bool = true;
    fn to_value(&self) -> Value {
        Value::from(Text::from(&*self.encode_utf8(&mut [0; 4])))
    }
    fn from_value(value: &Value) -> Option<Self> {
        let View::Text(text) = value.view() else {
            return None;
        };
        let mut chars = text.chars();
        match (chars.next(), chars.next()) {
            (Some(only), None) => Some(only),
            _ => None,
        }
    }
}

impl Message for SharedError {
    type Gives = Self;
    const IS_LISTED: bool = true;
    fn to_value(&self) -> Value {
        Value::from(Opaque::new(self.clone()))
    }
    fn from_value(value: &Value) -> Option<Self> {
        match value.view() {
            View::Opaque(opaque) => opaque.downcast_ref::<Self>().cloned(),
            _ => None,
        }
    }
}

impl<M: Message> Message for Box<M> {
    type Gives = Self;
    const CONSTRUCTORS: &'static [Constructor] = &[];
    fn to_value(&self) -> Value {
        M::to_value(self)
    }
    fn from_value(value: &Value) -> Option<Self> {
        M::from_value(value).map(Self::new)
    }
}

impl<M: Message> Message for Option<M> {
    type Gives = Self;
    const CONSTRUCTORS: &'static [Constructor] = &[
        Constructor { name: Some(key("None")), label: Some(&NONE), fields: &[] },
        Constructor { name: Some(key("Some")), label: Some(&SOME), fields: &[key("0")] },
    ];
    const IS_LISTED: bool = true;
    fn to_value(&self) -> Value {
        match self {
            None => Value::from_array(&NONE, [Value::UNIT]),
            Some(message) => Value::from_array(&SOME, [Value::UNIT, message.to_value()]),
        }
    }
    fn from_value(value: &Value) -> Option<Self> {
        match value.view() {
            View::Record(label, []) if label.as_str() == NONE.text() => Some(None),
            View::Record(label, [field]) if label.as_str() == SOME.text() => M::from_value(field).map(Some),
            _ => None,
        }
    }
}

static NONE: Label = Label::new("Option.None");
static SOME: Label = Label::new("Option.Some");

impl<M: Message> Message for Vec<M> {
    type Gives = Self;
    const IS_LISTED: bool = true;
    fn to_value(&self) -> Value {
        Value::sequence(self.iter().map(M::to_value))
    }
    fn from_value(value: &Value) -> Option<Self> {
        match value.view() {
            View::Sequence(items) => items.iter().map(M::from_value).collect(),
            _ => None,
        }
    }
}

impl<M: Message, const N: usize> Message for [M; N] {
    type Gives = Self;
    const IS_LISTED: bool = true;
    fn to_value(&self) -> Value {
        Value::sequence(self.iter().map(M::to_value))
    }
    fn from_value(value: &Value) -> Option<Self> {
        Vec::from_value(value)?.try_into().ok()
    }
}

macro_rules! tuples {
    ($(($($type:ident $at:tt)*))*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($type: Message),*> Message for ($($type,)*) {
            type Gives = Self;
            const CONSTRUCTORS: &'static [Constructor] =
                &[Constructor { name: None, label: None, fields: &[$(key(stringify!($at))),*] }];
            const IS_LISTED: bool = true;
            fn to_value(&self) -> Value {
                Value::sequence([$(self.$at.to_value()),*])
            }
            fn from_value(value: &Value) -> Option<Self> {
                match value.view() {
                    View::Sequence(items) if items.len() == [$($at),*].len() => {
                        Some(($($type::from_value(&items[$at])?,)*))
                    }
                    _ => None,
                }
            }
        }
    )*};
}

tuples! {
    (A 0) (A 0 B 1) (A 0 B 1 C 2) (A 0 B 1 C 2 D 3) (A 0 B 1 C 2 D 3 E 4) (A 0 B 1 C 2 D 3 E 4 F 5)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6) (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7)
}

macro_rules! sets {
    ($($set:ty, [$($bounds:tt)*];)*) => {$(
        impl<$($bounds)*> Message for $set {
            type Gives = Self;
            const IS_LISTED: bool = true;
            /// # Panics
            /// If the value would nest too deep.
            fn to_value(&self) -> Value {
                Value::set(self.iter().map(M::to_value).collect()).unwrap_or_else(|error| panic!("{error}"))
            }
            fn from_value(value: &Value) -> Option<Self> {
                match value.view() {
                    View::Set(items) => items.iter().map(M::from_value).collect(),
                    _ => None,
                }
            }
        }
    )*};
}

sets! {
    BTreeSet<M>, [M: Message + Ord];
    HashSet<M, R>, [M: Message + Eq + Hash, R: BuildHasher + Default + Clone + Send + Sync + 'static];
    OrdSet<M>, [M: Message + Ord + Clone];
}

macro_rules! maps {
    ($($map:ty, [$($bounds:tt)*];)*) => {$(
        impl<$($bounds)*> Message for $map {
            type Gives = Self;
            const IS_LISTED: bool = true;
            /// # Panics
            /// If the value would nest too deep.
            fn to_value(&self) -> Value {
                let entries = self.iter().map(|(key, value)| (key.to_value(), value.to_value())).collect();
                Value::map(entries).unwrap_or_else(|error| panic!("{error}"))
            }
            fn from_value(value: &Value) -> Option<Self> {
                match value.view() {
                    View::Map(entries) => entries
                        .iter()
                        .map(|(key, value)| Some((K::from_value(key)?, M::from_value(value)?)))
                        .collect(),
                    _ => None,
                }
            }
        }
    )*};
}

maps! {
    BTreeMap<K, M>, [K: Message + Ord, M: Message];
    HashMap<K, M, R>, [K: Message + Eq + Hash, M: Message, R: BuildHasher + Default + Clone + Send + Sync + 'static];
    OrdMap<K, M>, [K: Message + Ord + Clone, M: Message + Clone];
}
