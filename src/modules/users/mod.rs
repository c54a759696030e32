//! People: their profiles, as themselves and as others see them, and whom they have blocked.
//!
//! Exports the account rows that other features join, the profile and author shapes, and
//! [`UsersService`] for looking people up. Leaves out passwords and sessions (auth), and roles and
//! suspension (admin).

mod controller;
mod dto;
pub mod entity;
mod error;
mod examples;
mod module;
mod permissions;
mod service;
mod store;
#[cfg(test)]
mod tests;

pub use controller::{BlocksController, UsersController};
pub use dto::{AuthorDto, UserDto};
pub use entity::UserStatus;
pub use error::{EmailTaken, UserError, UsernameTaken};
pub use module::{UsersDeps, UsersModule};
pub use service::{NewAccount, UsersService};
pub use store::matching;
#[cfg(test)]
pub use tests::person;
