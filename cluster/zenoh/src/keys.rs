//! The keys in Zenoh: where a machine shows that it lives, and where it is spoken to.

use std::fmt::Write;

use marketplace::Text;

/// How many bytes a name may have.
pub(crate) const NAME: usize = 255;

/// A machine: its name and epoch.
pub(crate) type Vm = (Text, u64);

/// The keys of a network.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    /// `mp/1/<net>`
    prefix: String,
}

impl Keys {
    pub(crate) fn new(net: &str) -> Self {
        Self { prefix: format!("mp/1/{}", chunk(net)) }
    }

    /// A machine shows here that it lives.
    pub(crate) fn token(&self, (name, epoch): &Vm) -> String {
        format!("{}/v/{}/{epoch:x}", self.prefix, chunk(name))
    }

    /// All machines do.
    pub(crate) fn tokens(&self) -> String {
        format!("{}/v/*/*", self.prefix)
    }

    /// A machine is spoken to here by another one.
    pub(crate) fn speech(&self, from: &str, (name, epoch): &Vm) -> String {
        format!("{}/to/{}/{epoch:x}/{}", self.prefix, chunk(name), chunk(from))
    }

    /// A machine is spoken to here by all others.
    pub(crate) fn inbox(&self, (name, epoch): &Vm) -> String {
        format!("{}/to/{}/{epoch:x}/*", self.prefix, chunk(name))
    }

    /// The machine that shows here that it lives.
    pub(crate) fn living(&self, token: &str) -> Option<Vm> {
        let rest = token.strip_prefix(&self.prefix)?.strip_prefix("/v/")?;
        let (name, epoch) = rest.split_once('/')?;
        let vm = (Text::from(name_of(name)?), u64::from_str_radix(epoch, 16).ok()?);
        // One machine has one key.
        (self.token(&vm) == token).then_some(vm)
    }

    /// The machine that speaks here.
    pub(crate) fn speaker(&self, key: &str) -> Option<Text> {
        let (_, chunk) = key.strip_prefix(&self.prefix)?.rsplit_once('/')?;
        name_of(chunk).map(Text::from)
    }

    /// The keys at which a machine may do something, in a rule: any machine is `*`.
    #[cfg(feature = "tls")]
    pub(crate) fn of(&self, name: &str) -> Of {
        let (prefix, name) = (&self.prefix, chunk(name));
        Of {
            token: format!("{prefix}/v/{name}/*"),
            speech: format!("{prefix}/to/*/*/{name}"),
            inbox: format!("{prefix}/to/{name}/*/*"),
        }
    }
}

/// The keys of one machine, whatever its epoch.
#[cfg(feature = "tls")]
pub(crate) struct Of {
    pub(crate) token: String,
    pub(crate) speech: String,
    pub(crate) inbox: String,
}

/// A name as a chunk of a key. A chunk has no `/`, `*`, `$`, `?` and `#`, and begins with no `@`.
fn chunk(name: &str) -> String {
    let mut chunk = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => chunk.push(byte.into()),
            _ => {
                // A string takes all that is written.
                let _ = write!(chunk, "%{byte:02X}");
            }
        }
    }
    chunk
}

fn name_of(chunk: &str) -> Option<String> {
    // A byte has at most three.
    if chunk.len() > 3 * NAME {
        return None;
    }
    let mut bytes = Vec::with_capacity(chunk.len());
    let mut rest = chunk;
    while let Some((plain, escaped)) = rest.split_once('%') {
        bytes.extend_from_slice(plain.as_bytes());
        bytes.push(u8::from_str_radix(escaped.get(..2)?, 16).ok()?);
        rest = &escaped[2..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    let name = String::from_utf8(bytes).ok()?;
    (name.len() <= NAME && self::chunk(&name) == chunk).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c11_a_name_has_one_key_and_a_key_has_one_name() {
        let keys = Keys::new("cellar");
        for name in ["ann", "a/b", "*", "**", "@ann", "%41", "é", " ", "a.b-c_d", "$*", "?", "#"] {
            let vm = (Text::from(name), 0xfedc);
            let token = keys.token(&vm);
            assert!(zenoh::key_expr::KeyExpr::try_from(token.clone()).is_ok(), "{token}");
            assert_eq!(keys.living(&token), Some(vm.clone()), "{token}");
            assert_eq!(keys.speaker(&keys.speech(name, &vm)), Some(vm.0), "{name}");
        }
        assert_eq!(keys.token(&("ann".into(), 7)), "mp/1/cellar/v/ann/7");
        assert_eq!(keys.speech("bob", &("a/n".into(), 7)), "mp/1/cellar/to/a%2Fn/7/bob");
    }

    #[test]
    fn c11_a_key_that_no_machine_makes_names_none() {
        let keys = Keys::new("cellar");
        let none = [
            "mp/1/cellar/v/ann",
            "mp/1/cellar/v/ann/x",
            "mp/1/cellar/v/ann/+7",
            "mp/1/cellar/v/ann/07",
            "mp/1/cellar/v/ann/7/8",
            "mp/1/cellar/v/%61nn/7",
            "mp/1/cellar/v/%2f/7",
            "mp/1/cellar/v/%/7",
            "mp/1/cellar/v/%é/7",
            "mp/1/cellar/v/%FF/7",
            "mp/1/cell/v/ann/7",
            "mp/1/cellars/v/ann/7",
        ];
        for key in none {
            assert_eq!(keys.living(key), None, "{key}");
        }
        let long = |length| keys.living(&format!("mp/1/cellar/v/{}/7", "n".repeat(length)));
        assert!(long(NAME).is_some());
        assert_eq!(long(NAME + 1), None);
    }
}
