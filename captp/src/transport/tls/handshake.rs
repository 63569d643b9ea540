//! The handshake: both sides show a key, and prove that they have it.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{AlwaysResolvesClientRawPublicKeys, Resumption};
use rustls::crypto::{CryptoProvider, ring, verify_tls13_signature_with_raw_key};
use rustls::pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{AlwaysResolvesServerRawPublicKeys, NoServerSessionStorage};
use rustls::version::TLS13;
use rustls::{
    CertificateError, ClientConfig, CommonState, DigitallySignedStruct, DistinguishedName, Error,
    ServerConfig, SignatureScheme,
};
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, TlsConnector, TlsStream};

use crate::transport::tls::key::{Key, designator_of, key_of, key_shown};
use crate::transport::tls::words::{InWords, words};

/// The handshake on connections that come, on which this protocol is spoken.
pub(crate) fn accepting(key: &Key, protocol: &str) -> ServerConfig {
    let provider = Arc::new(ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(&[&TLS13])
        .expect("the provider has TLS 1.3")
        .with_client_cert_verifier(Arc::new(Verifier { expected: None, provider }))
        .with_cert_resolver(Arc::new(AlwaysResolvesServerRawPublicKeys::new(key.certified())));
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    config.max_early_data_size = 0;
    config.alpn_protocols = vec![protocol.into()];
    config
}

/// The handshake on a connection to the peer of this designator, on which this protocol is spoken.
///
/// # Errors
/// If the designator is no key.
pub(crate) fn dialling(key: &Key, designator: &str, protocol: &str) -> Result<ClientConfig, String> {
    let expected = Some(key_of(designator)?);
    let provider = Arc::new(ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(&[&TLS13])
        .expect("the provider has TLS 1.3")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Verifier { expected, provider }))
        .with_client_cert_resolver(Arc::new(AlwaysResolvesClientRawPublicKeys::new(key.certified())));
    config.resumption = Resumption::disabled();
    config.enable_sni = false;
    config.enable_early_data = false;
    config.alpn_protocols = vec![protocol.into()];
    Ok(config)
}

/// The handshake of the one who has dialled.
///
/// # Errors
/// If it fails: why, in words.
pub(crate) async fn dial(
    config: ClientConfig,
    stream: TcpStream,
) -> Result<InWords<TlsStream<TcpStream>>, String> {
    // The name is not sent, and nothing depends on it.
    let name = ServerName::from(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    let spoken = config.alpn_protocols.clone();
    let connected = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
    let stream = connected.map_err(|error| words(&error))?;
    speaks(stream.get_ref().1, &spoken)?;
    Ok(InWords(stream.into()))
}

/// The handshake of the one who was dialled; gives the designator of the other one, too.
///
/// # Errors
/// If it fails: why, in words.
pub(crate) async fn accept(
    config: Arc<ServerConfig>,
    stream: TcpStream,
) -> Result<(InWords<TlsStream<TcpStream>>, String), String> {
    let accepted = TlsAcceptor::from(config.clone()).accept(stream).await;
    let stream = accepted.map_err(|error| words(&error))?;
    let state = stream.get_ref().1;
    speaks(state, &config.alpn_protocols)?;
    let key = state.peer_certificates().and_then(|shown| key_shown(shown.first()?));
    let designator = designator_of(&key.ok_or("the peer has shown no key")?);
    Ok((InWords(stream.into()), designator))
}

/// A side that names no protocol is one that speaks another.
fn speaks(state: &CommonState, spoken: &[Vec<u8>]) -> Result<(), String> {
    if state.alpn_protocol() == spoken.first().map(Vec::as_slice) && !spoken.is_empty() {
        return Ok(());
    }
    Err(words(&std::io::Error::other(Error::NoApplicationProtocol)))
}

/// Looks at the key that the other side shows. That it has the key is verified by rustls.
#[derive(Debug)]
struct Verifier {
    /// The key that it has to be; any, on connections that come.
    expected: Option<[u8; 32]>,
    provider: Arc<CryptoProvider>,
}

impl Verifier {
    fn key(&self, shown: &CertificateDer<'_>, others: &[CertificateDer<'_>]) -> Result<(), Error> {
        let key = key_shown(shown).filter(|_| others.is_empty());
        let key = key.ok_or_else(|| Error::General("the peer shows no ed25519 key, or a weak one".into()))?;
        match self.expected {
            Some(expected) if expected != key => Err(CertificateError::ApplicationVerificationFailure.into()),
            _ => Ok(()),
        }
    }

    fn signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let key = SubjectPublicKeyInfoDer::from(shown.as_ref());
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature_with_raw_key(message, &key, signed, algorithms)
    }
}

/// There is TLS 1.3 only.
fn old() -> Error {
    Error::General("a signature of TLS 1.2".into())
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.key(shown, others).map(|()| ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(old())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.signature(message, shown, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}

impl ClientCertVerifier for Verifier {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        shown: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.key(shown, others).map(|()| ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(old())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.signature(message, shown, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}
