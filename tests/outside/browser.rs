//! In a real browser.

use super::{
    script::{Script, node, run},
    server::{Server, free_port},
    tools,
};

#[tokio::test]
async fn the_api_explorer_works_and_calls_nobody_else() {
    let server = Server::start().await;
    let mut script = node("explorer.mjs", &[], &server);
    run(script.env("ROOKERY_TEST_CHROMIUM", tools::chromium())).await;
}

#[tokio::test]
async fn the_sockets_are_found_and_tried_where_the_rest_is() {
    let server = Server::start().await;
    let mut script = node("sockets.mjs", &[], &server);
    run(script.env("ROOKERY_TEST_CHROMIUM", tools::chromium())).await;
}

#[tokio::test]
async fn a_page_of_an_allowed_origin_chats_and_no_other_does() {
    let port = free_port().to_string();
    let server = Server::with(&[("CORS_ORIGINS", &format!("http://127.0.0.1:{port}"))]).await;
    let mut script = node("elsewhere.mjs", &[&port], &server);
    run(script.env("ROOKERY_TEST_CHROMIUM", tools::chromium())).await;
}

#[tokio::test]
async fn the_client_of_the_documents_survives_its_server_s_deaths_in_a_page() {
    let mut server = Server::start().await;
    let mut script =
        Script::start(node("page.mjs", &[], &server).env("ROOKERY_TEST_CHROMIUM", tools::chromium()));
    while script.wish().await.as_deref() == Some("kill") {
        server.kill().await;
        server.start_again().await;
    }
    script.succeeds().await;
}
