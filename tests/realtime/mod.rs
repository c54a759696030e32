//! What travels over Socket.IO.

mod connecting;
