use serde_json::{Value, json};

use crate::support::{PASSWORD, TestApp, in_parallel};

fn ana() -> Value {
    json!({ "username": "Ana", "email": "Ana@Example.com", "password": PASSWORD, "displayName": "Ana A." })
}

fn ana_with(field: &str, value: Value) -> Value {
    let mut body = ana();
    body[field] = value;
    body
}

#[tokio::test]
async fn registering_signs_in() {
    let app = TestApp::start().await;
    let answer = app.anonymous().post("/auth/register", ana()).await.expect(201);

    let user = &answer.body["user"];
    assert_eq!(user["username"], "Ana", "its case is kept");
    assert_eq!(user["email"], "Ana@Example.com");
    assert_eq!(user["displayName"], "Ana A.");
    assert_eq!(user["role"], "user");
    assert_eq!(answer.body["expiresIn"], 900);
    let location = answer.header("location").unwrap().to_owned();
    assert_eq!(location, format!("/api/v1/users/{}", user["id"].as_str().unwrap()));

    let client = app.anonymous().bearing(&answer.text("accessToken"));
    let me = client.get("/users/me").await.expect(200);
    assert_eq!(&me.body, user);
    client.get(&format!("/{location}")).await.expect(200);
}

#[tokio::test]
async fn names_that_differ_only_in_case_are_one() {
    let app = TestApp::start().await;
    let anonymous = app.anonymous();
    anonymous.post("/auth/register", ana()).await.expect(201);

    let name = json!({ "username": "aNA", "email": "other@example.com", "password": PASSWORD });
    anonymous.post("/auth/register", name).await.problem("E_USERNAME_TAKEN", 409);
    let email = json!({ "username": "other", "email": "aNA@eXAMPLE.com", "password": PASSWORD });
    anonymous.post("/auth/register", email).await.problem("E_EMAIL_TAKEN", 409);
    assert_eq!(app.database.number("SELECT COUNT(*) FROM users").await, 1);
}

#[tokio::test]
async fn of_many_who_want_one_name_one_gets_it() {
    let app = TestApp::start().await;
    let anonymous = app.anonymous();
    let answers = in_parallel(8, |number| {
        let anonymous = anonymous.clone();
        let email = format!("ana{number}@example.com");
        let body = json!({ "username": "ana", "email": email, "password": PASSWORD });
        async move { anonymous.post("/auth/register", body).await }
    })
    .await;
    let (made, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 201);
    assert_eq!((made.len(), refused.len()), (1, 7));
    for answer in refused {
        answer.problem("E_USERNAME_TAKEN", 409);
    }
}

#[tokio::test]
async fn every_wrong_field_is_named_at_once() {
    let app = TestApp::start().await;
    let body = json!({
        "username": "a b",
        "email": "nowhere",
        "password": "short",
        "displayName": "x".repeat(81),
        "role": "admin",
    });
    let wrong = [
        ("/username", "pattern"),
        ("/email", "format"),
        ("/password", "too_short"),
        ("/displayName", "too_long"),
        ("/role", "unknown_field"),
    ];
    app.anonymous().post("/auth/register", body).await.invalid(&wrong);

    let missing = [("/username", "required"), ("/email", "required"), ("/password", "required")];
    app.anonymous().post("/auth/register", json!({})).await.invalid(&missing);
    assert_eq!(app.database.number("SELECT COUNT(*) FROM users").await, 0);
}

#[tokio::test]
async fn each_field_has_its_bounds() {
    let app = TestApp::start().await;
    for (field, value, code) in [
        ("username", json!("ab"), "too_short"),
        ("username", json!("a".repeat(31)), "too_long"),
        ("username", json!("ana@home"), "pattern"),
        ("username", json!("аna"), "pattern"),
        ("username", json!(7), "type"),
        ("username", json!(null), "type"),
        ("email", json!(format!("{}@example.com", "a".repeat(250))), "too_long"),
        ("displayName", json!(""), "too_short"),
    ] {
        let answer = app.anonymous().post("/auth/register", ana_with(field, value.clone())).await;
        let errors = answer.problem("E_INVALID", 422).body["errors"].clone();
        let told = (errors[0]["pointer"].as_str().unwrap(), errors[0]["code"].as_str().unwrap());
        assert_eq!(told, (format!("/{field}").as_str(), code), "{field}: {value}");
    }
}

#[tokio::test]
async fn a_problem_never_repeats_the_password() {
    let app = TestApp::start().await;
    let password = "tooshrt";
    let answer = app.anonymous().post("/auth/register", ana_with("password", json!(password))).await;
    let answer = answer.invalid(&[("/password", "too_short")]);
    assert!(!answer.body.to_string().contains(password));
}

/// PostgreSQL can't store this character, and an answer must not depend on the database.
#[tokio::test]
async fn a_nul_character_is_the_callers_fault() {
    let app = TestApp::start().await;
    let answer = app.anonymous().post("/auth/register", ana_with("displayName", json!("A\0na"))).await;
    assert_eq!(answer.problem("E_INVALID", 422).body["errors"][0]["pointer"], "/displayName");

    let login = json!({ "login": "a\0na", "password": PASSWORD });
    app.anonymous().post("/auth/login", login).await.invalid(&[("/login", "character")]);
    let ana = app.user("ana").await;
    for path in ["/users/a%00na", "/users?query=a%00b", "/users?cursor=%00"] {
        ana.get(path).await.problem("E_REQUEST_MALFORMED", 400);
    }
}
