//! Rookery: a modular backend for social, messaging, tasks and paid-services products.
//!
//! One program made of rooms; `ARCHITECTURE.md` says which there are and what each may touch. Floors,
//! from the ground: [`problem`], [`config`], [`infra`], [`jobs`], [`wire`], [`guards`], [`realtime`],
//! [`modules`], [`app`], and on top [`document`], [`server`], [`seed`], [`cli`]. Imports point down.

pub mod app;
pub mod cli;
pub mod config;
pub mod document;
pub mod guards;
pub mod infra;
pub mod jobs;
pub mod module;
pub mod modules;
pub mod problem;
pub mod realtime;
pub mod seed;
pub mod server;
pub mod wire;
