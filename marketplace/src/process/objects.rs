//! Objects in processes: what they are made of, and what they may ask for.

mod act;
pub(crate) mod answers;
pub(crate) mod asks;
mod calling;
mod clauses;
mod core;
mod cx;
pub(crate) mod far;
pub(crate) mod forms;
mod going;
pub(crate) mod looking;
mod object;
mod pledge;
mod resolver;
mod table;

pub(crate) use self::clauses::{Clauses, OfClauses, object_of};
pub use self::clauses::{Here, reference};
pub use self::cx::{Cx, NotNear};
pub use self::object::{Heard, Object};
pub(crate) use self::pledge::{On, Onward, Plan, Pledge, Settled, Then};
pub use self::resolver::{Promised, Resolver, Settles, forwarded, give_when, promise};
pub(crate) use self::table::{Arriving, Objects};
