//! Which pages may connect.

use super::{
    script::{node, run},
    server::Server,
};

#[tokio::test]
async fn sockets_are_open_to_the_configured_origins_only() {
    let server = Server::with(&[("CORS_ORIGINS", "https://app.example.com")]).await;
    run(node("origins.mjs", &[], &server)).await;
}
