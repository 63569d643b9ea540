//! Writes values.

use std::fmt;

use crate::syrup::Kind;

/// Writes values into bytes, part by part.
///
/// ```
/// use marketplace_captp::syrup::{Kind, Writer};
///
/// let mut writer = Writer::new();
/// writer.open(Kind::List);
/// writer.text("abc");
/// writer.int(-7);
/// writer.close(Kind::List);
/// assert_eq!(writer.into_bytes(), b"[3\"abc7-]");
/// ```
#[derive(Clone, Default)]
pub struct Writer {
    bytes: Vec<u8>,
    /// How many values are around what is written next, for whoever counts them.
    depth: usize,
}

/// A dictionary or a set that is being written: its entries are put in order at its end.
#[derive(Debug)]
pub struct Sorted {
    kind: Kind,
    starts: Vec<usize>,
}

/// Without the bytes: there may be a secret among them.
impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Writer({} bytes)", self.bytes.len())
    }
}

impl Writer {
    /// Nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { bytes: Vec::new(), depth: 0 }
    }

    /// The bytes so far.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// All that was written.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Writes bytes that are values already.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Takes back all that was written since there were so many bytes.
    pub fn truncate(&mut self, bytes: usize) {
        self.bytes.truncate(bytes);
    }

    /// How many values are around what is written next, for whoever counts them.
    pub(crate) const fn depth(&self) -> usize {
        self.depth
    }

    /// Says how many there are from now on.
    pub(crate) const fn set_depth(&mut self, depth: usize) {
        self.depth = depth;
    }

    /// Writes a truth value.
    pub fn bool(&mut self, value: bool) {
        self.bytes.push(if value { b't' } else { b'f' });
    }

    /// Writes an integer.
    pub fn int(&mut self, value: i128) {
        self.number(value.unsigned_abs());
        self.bytes.push(if value < 0 { b'-' } else { b'+' });
    }

    fn number(&mut self, number: u128) {
        // The digits from the last to the first.
        let mut digits = [0; 39];
        let mut at = digits.len();
        let mut large = number;
        // To divide 128 bits is slow.
        let mut small = loop {
            if let Ok(small) = u64::try_from(large) {
                break small;
            }
            at -= 1;
            digits[at] = b'0' + (large % 10) as u8;
            large /= 10;
        };
        loop {
            at -= 1;
            digits[at] = b'0' + (small % 10) as u8;
            small /= 10;
            if small == 0 {
                break;
            }
        }
        self.bytes.extend_from_slice(&digits[at..]);
    }

    /// Writes a floating-point number. A NaN is written in one way.
    pub fn float(&mut self, value: f64) {
        let bits = if value.is_nan() { 0x7ff8_0000_0000_0000 } else { value.to_bits() };
        self.bytes.push(b'D');
        self.bytes.extend_from_slice(&bits.to_be_bytes());
    }

    /// Writes a byte string.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.string(b':', bytes);
    }

    /// Writes a text.
    pub fn text(&mut self, text: &str) {
        self.string(b'"', text.as_bytes());
    }

    /// Writes a symbol.
    pub fn symbol(&mut self, symbol: &str) {
        self.string(b'\'', symbol.as_bytes());
    }

    fn string(&mut self, kind: u8, content: &[u8]) {
        self.number(content.len() as u128);
        self.bytes.push(kind);
        self.bytes.extend_from_slice(content);
    }

    /// Begins a list or a record.
    ///
    /// # Panics
    /// If values of this kind have no others in them.
    pub fn open(&mut self, kind: Kind) {
        self.bytes.push(brackets(kind).0);
    }

    /// Ends a list or a record.
    ///
    /// # Panics
    /// If values of this kind have no others in them.
    pub fn close(&mut self, kind: Kind) {
        self.bytes.push(brackets(kind).1);
    }

    /// Begins a dictionary or a set.
    ///
    /// # Panics
    /// If values of this kind have no others in them.
    pub fn open_sorted(&mut self, kind: Kind) -> Sorted {
        self.open(kind);
        Sorted { kind, starts: Vec::new() }
    }

    /// Begins an entry: an item, or a key and a value.
    pub fn entry(&mut self, sorted: &mut Sorted) {
        sorted.starts.push(self.bytes.len());
    }

    /// Ends a dictionary or a set. Its entries are put in order, by their bytes. No key's bytes
    /// begin with those of another, so this is the order of the keys.
    pub fn close_sorted(&mut self, sorted: Sorted) {
        let Sorted { kind, starts } = sorted;
        let ends = starts.iter().skip(1).copied().chain([self.bytes.len()]);
        let mut entries: Vec<_> =
            starts.iter().copied().zip(ends).map(|(from, to)| &self.bytes[from..to]).collect();
        if !entries.is_sorted() {
            entries.sort_unstable();
            let (first, entries) = (starts[0], entries.concat());
            self.bytes.truncate(first);
            self.bytes.extend_from_slice(&entries);
        }
        self.close(kind);
    }
}

fn brackets(kind: Kind) -> (u8, u8) {
    kind.brackets().unwrap_or_else(|| panic!("a {kind:?} has nothing in it"))
}
