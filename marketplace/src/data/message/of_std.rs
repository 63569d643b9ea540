//! Messages that are types of the standard library: times and addresses.

use std::fmt::Display;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::str::FromStr;
use std::time::Duration;

use crate::data::message::Message;
use crate::data::text::Text;
use crate::data::value::{Value, View};

const NANOS: i128 = 1_000_000_000;

/// The nanoseconds.
impl Message for Duration {
    type Gives = Self;
    const IS_LISTED: bool = true;
    fn to_value(&self) -> Value {
        Value::from(i128::from(self.as_secs()) * NANOS + i128::from(self.subsec_nanos()))
    }
    fn from_value(value: &Value) -> Option<Self> {
        let View::Int(nanos) = value.view() else { return None };
        let seconds = nanos.div_euclid(NANOS).try_into().ok()?;
        Some(Self::new(seconds, nanos.rem_euclid(NANOS).try_into().ok()?))
    }
}

/// The text of an address, as it prints.
fn text(address: &impl Display) -> Value {
    Value::from(Text::from(address.to_string()))
}

/// Only a text that is written as it prints: of several texts for one address, one is it.
fn parse_exact<A: FromStr + Display>(value: &Value) -> Option<A> {
    let View::Text(text) = value.view() else { return None };
    let address: A = text.parse().ok()?;
    (address.to_string() == text.as_str()).then_some(address)
}

macro_rules! texts {
    ($($type:ty)*) => {$(
        impl Message for $type {
            type Gives = Self;
            const IS_LISTED: bool = true;
            fn to_value(&self) -> Value {
                text(self)
            }
            fn from_value(value: &Value) -> Option<Self> {
                parse_exact(value)
            }
        }
    )*};
}

texts!(IpAddr Ipv4Addr Ipv6Addr SocketAddrV4);

/// The text, as it prints; a flow label, which no text has, stands beside it.
impl Message for SocketAddrV6 {
    type Gives = Self;
    const IS_LISTED: bool = true;
    fn to_value(&self) -> Value {
        match self.flowinfo() {
            0 => text(self),
            flow => Value::sequence([text(self), flow.to_value()]),
        }
    }
    fn from_value(value: &Value) -> Option<Self> {
        let View::Sequence([text, flow]) = value.view() else { return parse_exact(value) };
        let mut address: Self = parse_exact(text)?;
        address.set_flowinfo(u32::from_value(flow).filter(|flow| *flow != 0)?);
        Some(address)
    }
}

impl Message for SocketAddr {
    type Gives = Self;
    const IS_LISTED: bool = true;
    fn to_value(&self) -> Value {
        match self {
            Self::V4(address) => address.to_value(),
            Self::V6(address) => address.to_value(),
        }
    }
    fn from_value(value: &Value) -> Option<Self> {
        let v4 = SocketAddrV4::from_value(value).map(Self::V4);
        v4.or_else(|| SocketAddrV6::from_value(value).map(Self::V6))
    }
}
