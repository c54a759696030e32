//! Registering, signing in and out, tokens and sessions.

mod login;
mod passwords;
mod refresh;
mod registration;
mod replay;
mod roles;
mod sessions;
mod tokens;
