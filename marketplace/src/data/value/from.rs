//! Things that are a value, given whole: so that a name, a wire or a reason is written as it is. (A
//! reference to any message is one, too, and `#[derive(Message)]` says it of its type.)

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::time::Duration;

use crate::data::message::Message;
use crate::data::value::Value;

/// Anything that is a value, given whole: a message or a reference to one, a `&str`, a list or a
/// tuple of them. It is what a name, a wire or a refusal is said by.
///
/// ```
/// use marketplace::prelude::*;
///
/// let door: AddEndpoint<()> = name_endpoint("door", subscriber!("knock"));
/// let third: AddEndpoint<()> = name_endpoint(("door", 3), subscriber!("knock"));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no value",
    label = "expected a message, a reference to one, a `&str`, or a list or a tuple of them",
    note = "a type of yours becomes a message by `#[derive(Message)]`"
)]
pub trait IntoValue: Into<Value> {}

#[diagnostic::do_not_recommend]
impl<T: Into<Value>> IntoValue for T {}

macro_rules! from_messages {
    ($($type:ty)*) => {$(
        impl From<$type> for Value {
            fn from(message: $type) -> Self {
                message.into_value()
            }
        }
    )*};
}

from_messages! {
    u8 u16 u32 u64 usize i8 i16 i32 i64 isize f32 char String
    Duration IpAddr Ipv4Addr Ipv6Addr SocketAddr SocketAddrV4 SocketAddrV6
}

/// A text.
impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self(super::Repr::Text(text.into()))
    }
}

impl<T: Into<Self>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Self {
        Self::sequence(items.into_iter().map(Into::into))
    }
}

impl<T: Into<Self>, const N: usize> From<[T; N]> for Value {
    fn from(items: [T; N]) -> Self {
        Self::sequence(items.map(Into::into))
    }
}

macro_rules! from_tuples {
    ($(($($type:ident $at:tt)*))*) => {$(
        impl<$($type: Into<Self>),*> From<($($type,)*)> for Value {
            fn from(tuple: ($($type,)*)) -> Self {
                Self::sequence([$(tuple.$at.into()),*])
            }
        }
    )*};
}

from_tuples! {
    (A 0) (A 0 B 1) (A 0 B 1 C 2) (A 0 B 1 C 2 D 3) (A 0 B 1 C 2 D 3 E 4) (A 0 B 1 C 2 D 3 E 4 F 5)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6) (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7)
}
