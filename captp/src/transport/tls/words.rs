//! Faults of a connection, in words for people.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use rustls::{AlertDescription, CertificateError, Error, PeerIncompatible};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A stream whose errors are in our words.
pub(crate) struct InWords<T>(pub(super) T);

/// The words for an error.
pub(super) fn words(error: &io::Error) -> String {
    if let Some(error) = error.get_ref().and_then(|error| error.downcast_ref::<Error>()) {
        return words_for_tls(error);
    }
    match error.kind() {
        io::ErrorKind::UnexpectedEof => "the peer has gone without a word".to_string(),
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => {
            format!("the peer has gone without a word ({error})")
        }
        _ => error.to_string(),
    }
}

fn words_for_tls(error: &Error) -> String {
    let words = match error {
        Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure) => {
            "another key is there than the one in the address"
        }
        Error::InvalidCertificate(CertificateError::BadSignature) => {
            "the peer has not got the key that it shows"
        }
        Error::InvalidMessage(_)
        | Error::InappropriateMessage { .. }
        | Error::InappropriateHandshakeMessage { .. }
        | Error::PeerSentOversizedRecord => "what the peer says is not TLS 1.3",
        Error::PeerIncompatible(
            PeerIncompatible::IncorrectCertificateTypeExtension
            | PeerIncompatible::UnsolicitedCertificateTypeExtension,
        ) => "the peer has no raw public key, but a certificate",
        Error::PeerIncompatible(
            PeerIncompatible::SupportedVersionsExtensionRequired
            | PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
            | PeerIncompatible::Tls12NotOffered
            | PeerIncompatible::Tls12NotOfferedOrEnabled,
        )
        | Error::AlertReceived(AlertDescription::ProtocolVersion) => "the peer does not speak TLS 1.3",
        Error::NoCertificatesPresented => "the peer has shown no key",
        Error::NoApplicationProtocol | Error::AlertReceived(AlertDescription::NoApplicationProtocol) => {
            "the peer speaks another protocol"
        }
        Error::AlertReceived(AlertDescription::AccessDenied) => "the peer expected another key than ours",
        Error::AlertReceived(alert) => return format!("the peer refuses: {alert:?}"),
        Error::General(words) => words,
        error => return format!("TLS: {error}"),
    };
    words.to_string()
}

fn in_words<T>(polled: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
    polled.map_err(|error| io::Error::new(error.kind(), words(&error)))
}

impl<T: AsyncRead + Unpin> AsyncRead for InWords<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        in_words(Pin::new(&mut self.0).poll_read(cx, into))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for InWords<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        in_words(Pin::new(&mut self.0).poll_write(cx, bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        in_words(Pin::new(&mut self.0).poll_write_vectored(cx, pieces))
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        in_words(Pin::new(&mut self.0).poll_flush(cx))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        in_words(Pin::new(&mut self.0).poll_shutdown(cx))
    }
}
