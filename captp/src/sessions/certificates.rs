//! Whether a receiver may have what it asks for.

use bytes::Bytes;

use crate::wire::{BadCertificate, Give, PublicId, PublicKey, Receive, SessionId, Signed};

/// A gifter, as it is known by its session.
pub(crate) struct Gifter<L> {
    pub(crate) line: L,
    pub(crate) key: PublicKey,
    pub(crate) side: PublicId,
}

/// The thing that a receiver may have, but for its count.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Claim<L> {
    pub(crate) gifter: L,
    pub(crate) gift: Bytes,
    pub(crate) count: u64,
}

/// Why a receiver does not get what it asks for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    #[error("that is no certificate")]
    NoCertificate,
    #[error(transparent)]
    Bad(#[from] BadCertificate),
    #[error("the certificate is for another session")]
    Session,
    #[error("the certificate is for another receiver")]
    Receiver,
    #[error("there is no session with the gifter")]
    NoGifter,
    #[error("the gifter is not who the certificate says")]
    Gifter,
    #[error("the gifter has not signed the certificate")]
    UnsignedGive,
    #[error("the receiver has not signed the certificate")]
    UnsignedReceive,
    #[error("the number of the certificate was used before, or too many are out of order")]
    Used,
    #[error("the gift was asked for already")]
    Wanted,
    #[error("the name of the gift is too long")]
    Name,
    #[error("the gift has not come in time")]
    Late,
    #[error("too many gifts are waited for")]
    TooMany,
    #[error("the session with the gifter has ended")]
    Ended,
}

/// Checks a certificate that came in the session `session` from the side `receiver`. `gifter` finds
/// who is on the other side of a session that stands.
///
/// # Errors
/// If something in it is wrong: the first thing, in the order of the protocol.
pub(crate) fn claim<L>(
    signed: &Signed,
    session: SessionId,
    receiver: PublicId,
    gifter: impl FnOnce(SessionId) -> Option<Gifter<L>>,
) -> Result<Claim<L>, Refused> {
    let receive = Receive::read(signed)?;
    let give = Give::read(&receive.give)?;
    if receive.session != session {
        return Err(Refused::Session);
    }
    if receive.side != receiver {
        return Err(Refused::Receiver);
    }
    let gifter = gifter(give.session).ok_or(Refused::NoGifter)?;
    if give.gifter_side != gifter.side {
        return Err(Refused::Gifter);
    }
    if !receive.give.is_signed_by(&gifter.key)? {
        return Err(Refused::UnsignedGive);
    }
    if !signed.is_signed_by(&give.receiver_key)? {
        return Err(Refused::UnsignedReceive);
    }
    Ok(Claim { gifter: gifter.line, gift: give.gift, count: receive.count })
}
