//! Who talks to the app over HTTP.

use std::{net::SocketAddr, ops::Deref};

use reqwest::{Method, RequestBuilder, header::HeaderMap};
use serde_json::{Value, json};

use super::{Answer, SocketClient, TestApp};

/// Sends requests with the same headers. Cheap to clone.
///
/// A path is below the API's prefix; one that begins with `//` is at the root.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    headers: HeaderMap,
}

/// Somebody who has signed in.
#[derive(Debug, Clone)]
pub struct User {
    pub id: String,
    pub username: String,
    pub access_token: String,
    pub refresh_token: String,
    app: SocketAddr,
    client: Client,
}

impl Client {
    pub fn new(http: reqwest::Client, base: String) -> Self {
        Self { http, base, headers: HeaderMap::new() }
    }

    /// The same client, sending this header too.
    pub fn with(&self, name: &'static str, value: &str) -> Self {
        let mut other = self.clone();
        other.headers.insert(name, value.parse().expect("the header's value is valid"));
        other
    }

    /// The same client, by way of another address.
    pub fn by(&self, address: SocketAddr) -> Self {
        // A connection of its own: the others' aren't by this way.
        Self { http: reqwest::Client::new(), base: format!("http://{address}"), ..self.clone() }
    }

    /// The same client with another access token.
    pub fn bearing(&self, token: &str) -> Self {
        self.with("authorization", &format!("Bearer {token}"))
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.request(Method::GET, path).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.request(Method::DELETE, path).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        Answer::of(self.build(Method::POST, path).json(&body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        Answer::of(self.build(Method::PUT, path).json(&body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        Answer::of(self.build(Method::PATCH, path).json(&body)).await
    }

    /// Without a body.
    pub async fn request(&self, method: Method, path: &str) -> Answer {
        Answer::of(self.build(method, path)).await
    }

    /// With any body, of any type.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        content_type: &str,
        body: impl Into<String>,
    ) -> Answer {
        Answer::of(self.build(method, path).header("content-type", content_type).body(body.into())).await
    }

    /// For what the methods above don't do.
    pub fn build(&self, method: Method, path: &str) -> RequestBuilder {
        let url = match path.strip_prefix('/').filter(|rest| rest.starts_with('/')) {
            Some(root) => format!("{}{root}", self.base),
            None => format!("{}/api/v1{path}", self.base),
        };
        self.http.request(method, url).headers(self.headers.clone())
    }
}

impl User {
    /// From the answer to a registration, a login or a refresh.
    pub fn signed_in(app: &TestApp, body: &Value) -> Self {
        let text =
            |pointer: &str| body.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let access_token = text("/accessToken");
        Self {
            id: text("/user/id"),
            username: text("/user/username"),
            client: app.anonymous().bearing(&access_token),
            access_token,
            refresh_token: text("/refreshToken"),
            app: app.address,
        }
    }

    /// The same person, talking to another node.
    pub fn on(&self, app: &TestApp) -> Self {
        let client = app.anonymous().bearing(&self.access_token);
        Self { app: app.address, client, ..self.clone() }
    }

    /// Writes a post, and gives its id.
    pub async fn write(&self, content: &str) -> String {
        self.post("/posts", json!({ "content": content })).await.expect(201).text("id")
    }

    /// A socket of this session.
    pub async fn socket(&self) -> SocketClient {
        let connected = SocketClient::connect(self.app, Some(&self.access_token)).await;
        connected.unwrap_or_else(|code| panic!("{}'s socket was refused: {code}", self.username))
    }
}

impl Deref for User {
    type Target = Client;
    fn deref(&self) -> &Client {
        &self.client
    }
}
