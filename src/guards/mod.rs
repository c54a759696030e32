//! Who may pass. A guard is a type in a handler's signature, on REST and on sockets alike.
//!
//! Exports the guards ([`SignedIn`], [`Can`], [`Public`]), what they hand over ([`Principal`]), the
//! [`Gate`] that decides, and the idempotency key. Roles and permissions are declared by modules;
//! sessions and users are rows the gate asks for through a port. Left out on purpose: how people
//! sign in.

mod can;
mod gate;
mod idempotency;
mod memory;
mod permission;
mod principal;
mod token;

pub use can::{Can, Guard, Public, SignedIn};
pub use gate::{EndedSession, Gate, LiveSession, SessionPort, SessionWatcher, kind};
pub use idempotency::{Claim, Fingerprint, IdempotencyKey};
pub use permission::Permission;
pub use principal::{Caller, Principal, RequestId, Role};
pub use token::{Keys, TokenError};
