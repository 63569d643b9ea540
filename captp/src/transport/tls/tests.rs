//! Handshakes with peers that are not as they should be.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::{AlwaysResolvesClientRawPublicKeys, ResolvesClientCert};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, ServerConfig, SignatureScheme};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::*;
use crate::transport::tls::handshake;

const PROTOCOL: &str = "marketplace-captp/1";

fn key(number: u8) -> Key {
    Key::of_seed(&[number; 32])
}

/// Both ends of a connection.
async fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dialled = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    (dialled, listener.accept().await.unwrap().0)
}

type Ended = Result<String, String>;

/// The results of both sides of a handshake between 7, who dials, and 9.
async fn shakes(client: ClientConfig, server: ServerConfig) -> (Ended, Ended) {
    let (dialled, accepted) = pair().await;
    let dials = async {
        let mut stream = handshake::dial(client, dialled).await?;
        // In TLS 1.3 it is over for the dialler before its key was looked at.
        let mut heard = String::new();
        stream.write_all(b"hello").await.map_err(|error| error.to_string())?;
        stream.shutdown().await.map_err(|error| error.to_string())?;
        stream.read_to_string(&mut heard).await.map_err(|error| error.to_string())?;
        Ok(heard)
    };
    let accepts = async {
        let (mut stream, designator) = handshake::accept(Arc::new(server), accepted).await?;
        let mut heard = String::new();
        stream.read_to_string(&mut heard).await.map_err(|error| error.to_string())?;
        stream.write_all(designator.as_bytes()).await.map_err(|error| error.to_string())?;
        stream.shutdown().await.map_err(|error| error.to_string())?;
        Ok(heard)
    };
    tokio::join!(dials, accepts)
}

fn client() -> ClientConfig {
    handshake::dialling(&key(7), &key(9).designator(), PROTOCOL).unwrap()
}

fn server() -> ServerConfig {
    handshake::accepting(&key(9), PROTOCOL)
}

#[tokio::test]
async fn k11_both_sides_know_the_key_of_the_other() {
    let (dialler, listener) = shakes(client(), server()).await;
    assert_eq!(listener.as_deref(), Ok("hello"));
    assert_eq!(dialler, Ok(key(7).designator()), "that is whom the listener has heard");
}

#[tokio::test]
async fn k11_another_key_than_that_of_the_address_is_refused_with_words() {
    let other = handshake::dialling(&key(7), &key(8).designator(), PROTOCOL).unwrap();
    let (dialler, listener) = shakes(other, server()).await;
    assert_eq!(dialler.unwrap_err(), "another key is there than the one in the address");
    assert_eq!(listener.unwrap_err(), "the peer expected another key than ours");
}

/// Shows the key of 7, or of 9, and signs with that of another one.
fn thief(shown: u8) -> Arc<CertifiedKey> {
    let (victim, thief) = (key(shown).certified(), key(66).certified());
    Arc::new(CertifiedKey::new(victim.cert.clone(), thief.key.clone()))
}

#[tokio::test]
async fn k11_who_has_not_got_the_key_that_it_shows_is_refused() {
    let mut server = server();
    server.cert_resolver = Arc::new(rustls::server::AlwaysResolvesServerRawPublicKeys::new(thief(9)));
    let (dialler, listener) = shakes(client(), server).await;
    assert_eq!(dialler.unwrap_err(), "the peer has not got the key that it shows");
    assert!(listener.unwrap_err().starts_with("the peer refuses: "));
    let mut client = client();
    client.client_auth_cert_resolver = Arc::new(AlwaysResolvesClientRawPublicKeys::new(thief(7)));
    let (dialler, listener) = shakes(client, self::server()).await;
    assert_eq!(listener.unwrap_err(), "the peer has not got the key that it shows");
    assert!(dialler.unwrap_err().starts_with("the peer "));
}

#[tokio::test]
async fn k11_the_one_protocol_is_required() {
    for (ours, theirs) in [(vec![], true), (vec![b"h2".to_vec()], false)] {
        let mut client = client();
        client.alpn_protocols.clone_from(&ours);
        let (dialler, listener) = shakes(client, server()).await;
        assert_eq!(listener.unwrap_err(), "the peer speaks another protocol");
        assert!(dialler.is_err());
        let mut server = server();
        server.alpn_protocols = ours;
        let (dialler, listener) = shakes(self::client(), server).await;
        assert_eq!(dialler.unwrap_err(), "the peer speaks another protocol");
        assert!(listener.is_err() || theirs);
    }
}

/// An X.509 certificate, with any bytes in it: nobody gets so far as to read them.
#[derive(Debug)]
struct Certificate;

impl Certificate {
    fn key() -> Arc<CertifiedKey> {
        Arc::new(CertifiedKey::new(vec![CertificateDer::from(vec![0x30, 0])], key(9).certified().key.clone()))
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Self::key())
    }
}

impl ResolvesClientCert for Certificate {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(Self::key())
    }

    fn has_certs(&self) -> bool {
        true
    }
}

#[tokio::test]
async fn k11_a_certificate_is_no_key() {
    let mut server = server();
    server.cert_resolver = Arc::new(Certificate);
    let (dialler, listener) = shakes(client(), server).await;
    assert!(listener.is_err());
    // It sees that we would not take what it has.
    assert_eq!(dialler.unwrap_err(), "the peer refuses: HandshakeFailure");
    let mut client = client();
    client.client_auth_cert_resolver = Arc::new(Certificate);
    let (dialler, listener) = shakes(client, self::server()).await;
    assert_eq!(listener.unwrap_err(), "the peer has no raw public key, but a certificate");
    assert!(dialler.is_err());
}

/// Says this to a listener, and gives what that says of it.
async fn says(bytes: &[u8]) -> String {
    let (mut dialled, accepted) = pair().await;
    dialled.write_all(bytes).await.unwrap();
    dialled.shutdown().await.unwrap();
    handshake::accept(Arc::new(server()), accepted).await.map(|_| ()).unwrap_err()
}

/// A hello of TLS 1.2: one suite of it, and no word of other versions.
fn old_hello() -> Vec<u8> {
    let groups = [0, 10, 0, 4, 0, 2, 0, 29];
    let schemes = [0, 13, 0, 4, 0, 2, 8, 7];
    let extensions = [&groups[..], &schemes].concat();
    let mut body = vec![3, 3];
    body.extend([7; 32]);
    body.extend([0, 0, 2, 0xc0, 0x2b, 1, 0, 0, extensions.len() as u8]);
    body.extend(extensions);
    let mut hello = vec![22, 3, 1, 0, body.len() as u8 + 4, 1, 0, 0, body.len() as u8];
    hello.extend(body);
    hello
}

#[tokio::test]
async fn k11_what_is_not_tls_1_3_is_told() {
    for garbage in [&b"GET / HTTP/1.1\r\n\r\n"[..], b"18:<8'op:abort4\"idle>", &[0; 100], &[0xff; 20_000]] {
        assert_eq!(says(garbage).await, "what the peer says is not TLS 1.3");
    }
    assert_eq!(says(&old_hello()).await, "the peer does not speak TLS 1.3");
    assert_eq!(says(b"").await, "the peer has gone without a word");
    assert_eq!(says(&old_hello()[..20]).await, "the peer has gone without a word");
}

#[tokio::test]
async fn k9_a_hello_with_any_byte_changed_is_never_a_panic() {
    let mut hello = Vec::new();
    let name = ServerName::try_from("example.invalid").unwrap();
    let mut client = rustls::ClientConnection::new(Arc::new(client()), name).unwrap();
    client.write_tls(&mut hello).unwrap();
    assert!(!hello.windows(7).any(|part| part == b"example"), "no name is said");
    for at in 0..hello.len() {
        let mut hello = hello.clone();
        hello[at] ^= 0x55;
        let why = says(&hello).await;
        assert!(!why.is_empty());
    }
}

#[tokio::test]
async fn a_reset_in_the_middle_is_told() {
    let (dialled, accepted) = pair().await;
    let (mut dialled, accepted) = (dialled, tokio::spawn(handshake::accept(Arc::new(server()), accepted)));
    dialled.write_all(&old_hello()[..20]).await.unwrap();
    // A socket that is closed with what it has not read is reset, and one with this option is, too.
    set_reset(&dialled);
    drop(dialled);
    let why = accepted.await.unwrap().map(|_| ()).unwrap_err();
    assert!(why.starts_with("the peer has gone without a word"), "{why}");
}

#[expect(deprecated, reason = "it is deprecated because closing may block; here it resets")]
fn set_reset(stream: &TcpStream) {
    stream.set_linger(Some(Duration::ZERO)).unwrap();
}

/// `kill -9`, when the session stands: the kernel ends the connection, and no TLS does.
#[tokio::test]
async fn an_end_without_a_word_is_told() {
    let (dialled, accepted) = pair().await;
    let accepts = tokio::spawn(handshake::accept(Arc::new(server()), accepted));
    let name = ServerName::try_from("example.invalid").unwrap();
    let mut dialler = TlsConnector::from(Arc::new(client())).connect(name, dialled).await.unwrap();
    dialler.write_all(b"hello").await.unwrap();
    let (mut stream, _) = accepts.await.unwrap().unwrap();
    let mut heard = [0; 5];
    stream.read_exact(&mut heard).await.unwrap();
    drop(dialler.into_inner());
    let error = stream.read_exact(&mut heard).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.to_string()),
        (io::ErrorKind::UnexpectedEof, "the peer has gone without a word".into())
    );
}

/// Nothing of an earlier handshake is offered or taken.
#[tokio::test]
async fn k11_no_session_is_resumed() {
    let (client, server) = (Arc::new(client()), Arc::new(server()));
    for _ in 0..2 {
        let (dialled, accepted) = pair().await;
        let name = ServerName::try_from("example.invalid").unwrap();
        let dials = TlsConnector::from(client.clone()).connect(name, dialled);
        let accepts = TlsAcceptor::from(server.clone()).accept(accepted);
        let (dialler, listener) = tokio::try_join!(dials, accepts).unwrap();
        let kind = Some(rustls::HandshakeKind::Full);
        assert_eq!(
            (dialler.get_ref().1.handshake_kind(), listener.get_ref().1.handshake_kind()),
            (kind, kind)
        );
        assert_eq!(dialler.get_ref().1.tls13_tickets_received(), 0);
        assert_eq!(listener.get_ref().1.server_name(), None);
    }
}
