//! The messages, and the sum that those who hear them keep.

use bytes::Bytes;

/// About a topic.
#[derive(Clone, Copy)]
pub(crate) struct Says {
    #[expect(dead_code, reason = "it is sent, and told by the channel")]
    pub(crate) topic: u64,
    pub(crate) payload: u64,
}

/// Five fields.
#[derive(Clone, Copy)]
pub(crate) struct Order {
    pub(crate) number: u64,
    pub(crate) customer: u64,
    pub(crate) cents: u64,
    pub(crate) urgent: bool,
    pub(crate) payload: u64,
}

/// 64 KiB, shared.
#[derive(Clone)]
pub(crate) struct Packet {
    pub(crate) payload: u64,
    pub(crate) data: Bytes,
}

impl Order {
    pub(crate) fn new(payload: u64) -> Self {
        Self { number: 7, customer: 2, cents: 3, urgent: true, payload }
    }
}

impl Packet {
    pub(crate) fn new(payload: u64) -> Self {
        Self { payload, data: vec![7; 64 * 1024].into() }
    }
}

/// The part of a message that a listener adds up.
pub(crate) trait Sum {
    fn sum(&self) -> u64;
}

impl Sum for Says {
    fn sum(&self) -> u64 {
        self.payload
    }
}

impl Sum for Order {
    fn sum(&self) -> u64 {
        self.number + self.customer + self.cents + u64::from(self.urgent) + self.payload
    }
}

impl Sum for Packet {
    fn sum(&self) -> u64 {
        self.data.len() as u64
    }
}
