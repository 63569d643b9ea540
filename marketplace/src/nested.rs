//! stub
use crate::action::*; use crate::pid::Pid; use crate::process::*; use crate::reason::*; use crate::transition::*;
/// A VM.
pub struct Vm;
impl Vm { pub(crate) fn nested<S: Send+'static>(_c: &mut Context, _b: impl FnOnce(Pid) -> Result<Transition<S>, Failure> + Send + 'static) -> Result<Transition<Self>, Failure> { todo!() } }
pub(crate) fn lift<S: Send + 'static>(_pre: Pre<S>, _pid: Pid) -> Pre<Vm> { todo!() }
