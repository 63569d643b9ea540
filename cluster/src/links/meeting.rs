//! The beginning of a connection: both sides say who they are, and each looks at its list.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use marketplace::Text;
use marketplace_captp::transport::tcp;
#[cfg(feature = "tls")]
use marketplace_captp::transport::tls::Side;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use crate::links::input::{End, Input};
use crate::links::refused::{Cause, Refused};
use crate::links::words::{Hello, LONGEST, NAME, Word};

/// Why a welcome is no hello.
const EARLY: &str = "it says welcome before it says who it is";

/// A stream to another machine.
pub(super) trait Line: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Line for T {}

/// A machine: its name and epoch.
pub(super) type Vm = (Text, u64);

/// A machine in the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Listed {
    /// Where it is, if it can be dialled.
    pub(super) address: Option<String>,
    /// The designator of its key.
    pub(super) key: Option<String>,
}

/// This machine, and the others of its list.
pub(super) struct Me {
    pub(super) vm: Vm,
    pub(super) list: BTreeMap<Text, Listed>,
    #[cfg(feature = "tls")]
    pub(super) side: Option<Side>,
    /// How long the other side may take for each step.
    pub(super) patience: Duration,
}

/// A connection on which both sides have said who they are.
pub(super) struct Met {
    pub(super) vm: Vm,
    pub(super) line: Box<dyn Line>,
    pub(super) input: Input,
    /// The address of the other side.
    pub(super) at: SocketAddr,
}

impl Me {
    fn hello(&self, to: &Text) -> Word {
        let (name, epoch) = self.vm.clone();
        Word::Hello(Hello { name, epoch, to: to.clone() })
    }

    /// Whether this address may be dialled.
    fn may_dial(&self, at: SocketAddr) -> Result<(), String> {
        #[cfg(feature = "tls")]
        if self.side.is_some() {
            return Ok(());
        }
        if at.ip().is_loopback() {
            return Ok(());
        }
        Err("it is another machine, and without keys nobody would be safe".to_string())
    }

    /// Waits for a machine that has connected to say who it is, and answers.
    ///
    /// # Errors
    /// If no packets go here: why, in words.
    pub(super) async fn accept(self: Arc<Self>, stream: TcpStream, at: SocketAddr) -> Result<Met, Refused> {
        let met = timeout(self.patience, self.accepted(stream, at)).await;
        let silent = || Cause::Silent.because(format!("it has said nothing in {:?}", self.patience));
        met.unwrap_or_else(|_| Err(silent()))
    }

    async fn accepted(&self, stream: TcpStream, at: SocketAddr) -> Result<Met, Refused> {
        let broken = |why: String| Cause::Broken.because(why);
        let (mut line, key) = self.accept_stream(stream).await.map_err(broken)?;
        let mut input = Input::default();
        let judged = match next_word(&mut line, &mut input).await? {
            Word::Hello(hello) => self.judge(hello, key.as_deref()),
            Word::Refusal(why) => return Err(Cause::Refuses.because(format!("it refuses: {why}"))),
            Word::Welcome => Err(Cause::Greeting.because(EARLY)),
        };
        match judged {
            Ok(vm) => {
                say(&mut line, &self.hello(&vm.0)).await.map_err(broken)?;
                Ok(Met { vm, line, input, at })
            }
            Err(refused) => {
                // That it hears why is of use to it alone.
                let _ = say(&mut line, &Word::Refusal(refused.why.clone())).await;
                let _ = line.shutdown().await;
                Err(refused)
            }
        }
    }

    #[cfg(feature = "tls")]
    async fn accept_stream(&self, stream: TcpStream) -> Result<(Box<dyn Line>, Option<String>), String> {
        match &self.side {
            Some(side) => {
                let (stream, key) = side.accept(stream).await?;
                Ok((Box::new(stream), Some(key)))
            }
            None => Ok((Box::new(stream), None)),
        }
    }

    #[cfg(not(feature = "tls"))]
    async fn accept_stream(&self, stream: TcpStream) -> Result<(Box<dyn Line>, Option<String>), String> {
        Ok((Box::new(stream), None))
    }

    /// Whether a machine is the one that it says, and wants this one.
    fn judge(&self, hello: Hello, key: Option<&str>) -> Result<Vm, Refused> {
        let Hello { name, epoch, to } = hello;
        let (own, own_epoch) = &self.vm;
        if name.len() > NAME {
            let why = format!("its name has {} bytes, and may have {NAME}", name.len());
            return Err(Cause::Unlisted.because(why));
        }
        if name != *own && !self.list.contains_key(&name) {
            return Err(Cause::Unlisted.because(format!("`{name}` is not in the list of `{own}`")));
        }
        if self.key_of(&name).as_deref() != key {
            let why = format!("the key of `{name}` is another one in the list of `{own}`");
            return Err(Cause::Key.of(&name, why));
        }
        if to != *own {
            let why = format!("another machine is wanted, and here is `{own}`");
            return Err(Cause::Elsewhere.of(&name, why));
        }
        if (&name, epoch) == (own, *own_epoch) {
            return Err(Cause::Elsewhere.of(own, format!("`{own}` has dialled itself")));
        }
        Ok((name, epoch))
    }

    /// The key that a machine is to have.
    fn key_of(&self, name: &Text) -> Option<String> {
        #[cfg(feature = "tls")]
        if *name == self.vm.0 {
            return self.side.as_ref().map(|side| side.key().designator());
        }
        self.list.get(name)?.key.clone()
    }

    /// Dials a machine of the list: each address of its name in turn, until it is there.
    ///
    /// # Errors
    /// If it is nowhere: why, in words.
    pub(super) async fn dial(self: Arc<Self>, name: Text) -> Result<Met, String> {
        let Some(Listed { address: Some(address), key }) = self.list.get(&name) else {
            return Err("its address is not in the list".to_string());
        };
        let resolved = timeout(self.patience, lookup_host(address)).await;
        let resolved = resolved.unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into()));
        let resolved = resolved.map_err(|error| format!("there is no address of {address}: {error}"))?;
        let mut failed = format!("there is no address of {address}");
        for at in resolved {
            let met = timeout(self.patience, self.dialled(&name, at, key.as_deref())).await;
            match met.unwrap_or_else(|_| Err(format!("no answer in {:?}", self.patience))) {
                Ok(met) => return Ok(met),
                Err(why) => failed = format!("{at}: {why}"),
            }
        }
        Err(failed)
    }

    async fn dialled(&self, name: &Text, at: SocketAddr, key: Option<&str>) -> Result<Met, String> {
        self.may_dial(at)?;
        let stream = tcp::connect(at).await.map_err(|error| error.to_string())?;
        let mut line = self.dial_stream(stream, key).await?;
        say(&mut line, &self.hello(name)).await?;
        let mut input = Input::default();
        match next_word(&mut line, &mut input).await.map_err(|refused| refused.why)? {
            Word::Hello(hello) if hello.name != *name => Err(format!("there is `{}`", hello.name)),
            Word::Hello(hello) => Ok(Met { vm: (hello.name, hello.epoch), line, input, at }),
            Word::Refusal(why) => Err(format!("it refuses: {why}")),
            Word::Welcome => Err(EARLY.to_string()),
        }
    }

    #[cfg(feature = "tls")]
    async fn dial_stream(&self, stream: TcpStream, key: Option<&str>) -> Result<Box<dyn Line>, String> {
        match (&self.side, key) {
            (Some(side), Some(key)) => Ok(Box::new(side.dial(stream, key).await?)),
            _ => Ok(Box::new(stream)),
        }
    }

    #[cfg(not(feature = "tls"))]
    async fn dial_stream(&self, stream: TcpStream, _: Option<&str>) -> Result<Box<dyn Line>, String> {
        Ok(Box::new(stream))
    }
}

async fn say(line: &mut Box<dyn Line>, word: &Word) -> Result<(), String> {
    let mut out = BytesMut::new();
    word.write(&mut out);
    let said = async {
        line.write_all(&out).await?;
        line.flush().await
    };
    said.await.map_err(|error| error.to_string())
}

async fn next_word(line: &mut Box<dyn Line>, input: &mut Input) -> Result<Word, Refused> {
    match poll_fn(|cx| input.poll_frame(line, LONGEST, cx)).await {
        Ok(Some(frame)) => Word::read(&frame),
        Ok(None) => Err(Cause::Broken.because("it has gone without a word")),
        Err(End::Gone(why)) => Err(Cause::Broken.because(why)),
        Err(End::Bad(why)) => Err(Cause::Foreign.because(why)),
    }
}
