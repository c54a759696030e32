//! What came back over HTTP.

use reqwest::{RequestBuilder, header::HeaderMap};
use serde_json::Value;

use super::contract;

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    /// What it says; a text that isn't JSON is a string, and no body is null.
    pub body: Value,
}

impl Answer {
    pub async fn of(request: RequestBuilder) -> Self {
        let (client, request) = request.build_split();
        let request = request.expect("the request can be built");
        let (method, path) = (request.method().clone(), request.url().path().to_owned());
        let response = client.execute(request).await.expect("the server answers");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.expect("the answer arrives whole");
        let body = match text.is_empty() {
            true => Value::Null,
            false => serde_json::from_str(&text).unwrap_or(Value::String(text)),
        };
        let answer = Self { status, headers, body };
        contract::check(&method, &path, &answer);
        answer
    }

    /// Fails unless it has this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }

    /// Fails unless it is this problem, told as every problem is.
    #[track_caller]
    pub fn problem(self, code: &str, status: u16) -> Self {
        let told = (self.body["code"].as_str(), self.status);
        assert_eq!(told, (Some(code), status), "{}", self.body);
        assert_eq!(self.header("content-type"), Some("application/problem+json"));
        assert_eq!(self.body["status"], status);
        assert_eq!(self.body["type"], format!("/api-docs/problems/{code}"));
        for member in ["title", "detail", "instance", "requestId"] {
            assert!(
                self.body[member].as_str().is_some_and(|text| !text.is_empty()),
                "{member}: {}",
                self.body
            );
        }
        assert_eq!(self.body["requestId"].as_str(), self.header("x-request-id"));
        self
    }

    /// Fails unless it refuses exactly these fields: `("/content", "too_long")`, in any order.
    #[track_caller]
    pub fn invalid(self, fields: &[(&str, &str)]) -> Self {
        let answer = self.problem("E_INVALID", 422);
        let errors = answer.body["errors"].as_array().expect("invalid input lists its errors");
        let mut told: Vec<_> = errors
            .iter()
            .map(|error| (error["pointer"].as_str().unwrap_or("?"), error["code"].as_str().unwrap_or("?")))
            .collect();
        let mut wanted = fields.to_vec();
        told.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(told, wanted);
        assert!(errors.iter().all(|error| error["detail"].as_str().is_some_and(|text| !text.is_empty())));
        answer
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The text of a member of the body.
    #[track_caller]
    pub fn text(&self, member: &str) -> String {
        self.body[member].as_str().unwrap_or_else(|| panic!("no text {member} in {}", self.body)).to_owned()
    }

    /// The items of a list.
    #[track_caller]
    pub fn items(&self) -> &[Value] {
        self.body["items"].as_array().unwrap_or_else(|| panic!("no list: {}", self.body))
    }

    /// One member of every item of a list.
    #[track_caller]
    pub fn each(&self, member: &str) -> Vec<String> {
        self.items().iter().map(|item| item[member].as_str().unwrap_or_default().to_owned()).collect()
    }
}
