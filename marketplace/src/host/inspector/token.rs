//! The secret in the printed URL.

use std::fmt::Write;
use std::io;

use subtle::ConstantTimeEq;

/// 128 random bits, in hexadecimal digits.
#[derive(Clone)]
pub(super) struct Token(String);

impl Token {
    pub(super) fn random() -> io::Result<Self> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
        let mut token = String::with_capacity(32);
        for byte in bytes {
            // Writing to a string cannot fail.
            let _ = write!(token, "{byte:02x}");
        }
        Ok(Self(token))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the guess is right. The comparison takes the same time however much of the guess is
    /// right.
    pub(super) fn is(&self, guess: &str) -> bool {
        self.0.as_bytes().ct_eq(guess.as_bytes()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_token_is_the_token() {
        let token = Token::random().unwrap();
        let text = token.as_str();
        assert_eq!(text.len(), 32);
        assert!(token.is(text));
        assert!(!token.is("") && !token.is(&text[..31]) && !token.is(&format!("{text}0")));
        assert!(!token.is(Token::random().unwrap().as_str()));
    }
}
