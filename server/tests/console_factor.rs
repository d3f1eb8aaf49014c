//! The second factor of console logins: set up with a picture, asked for from then on, each code once; guessing counts
//! into the same waits; what a copy of the database gives, and the way out for who lost the phone.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

mod browser;
mod common;
mod seated;

use browser::{Answer, Browser, PASSWORD};
use common::{DAY, Site};
use gridbook_core::clock::Clock;
use gridbook_core::id::PersonId;
use gridbook_core::model::Role;
use gridbook_server::db::Act;
use seated::at_console;
use totp_rs::{Builder, Totp};

async fn lead(site: &Site) -> (PersonId, Browser) {
    at_console(site, "组长甲", Role::Lead, &site.grid).await
}

async fn log_in(site: &Site, password: &str, code: &str) -> Answer {
    let mut browser = Browser::at(&site.running.url());
    browser.get("/console/login").await;
    browser.post("/console/login", &[("name", "组长甲"), ("password", password), ("code", code)]).await
}

fn code(site: &Site, secret: &str) -> String {
    let bytes = data_encoding::BASE32_NOPAD.decode(secret.as_bytes()).unwrap();
    let totp: Totp = Builder::new().with_secret(bytes).build().unwrap();
    totp.generate(u64::try_from(site.clock.now().0 / 1_000).unwrap()).to_string()
}

/// Turns it on; the secret that was shown.
async fn set_up(site: &Site, browser: &mut Browser) -> String {
    let page = browser.get("/console/account/factor").await.text;
    let secret = page.split("id=\"secret\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let wrong = browser.post("/console/account/factor", &[("secret", &secret), ("code", "000000")]).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.text.contains(&secret) && wrong.text.contains("<svg"), "the same once more");
    let address =
        format!("otpauth://totp/Gridbook:%E7%BB%84%E9%95%BF%E7%94%B2?secret={secret}&issuer=Gridbook");
    let drawn = qrcode::QrCode::with_error_correction_level(&address, qrcode::EcLevel::L).unwrap();
    let mut drawn = drawn.render();
    let drawn = drawn.dark_color(qrcode::render::svg::Color("#000"));
    let drawn = drawn.light_color(qrcode::render::svg::Color("#fff")).min_dimensions(320, 320).build();
    let path = drawn.split(" d=\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(page.contains(path) && wrong.text.contains(path), "what the app reads");
    let fields = [("secret", secret.as_str()), ("code", &code(site, &secret))];
    assert_eq!(browser.post("/console/account/factor", &fields).await.status, 303);
    secret
}

#[tokio::test]
async fn a_login_takes_the_password_and_a_code_that_was_never_used() {
    let site = Site::open().await;
    let (id, mut browser) = lead(&site).await;
    assert!(browser.get("/console/account").await.text.contains("开启两步登录"));
    let secret = set_up(&site, &mut browser).await;
    assert!(browser.get("/console/account").await.text.contains("已开启"));
    let setting = code(&site, &secret);
    assert_eq!(log_in(&site, PASSWORD, "").await.status, 401, "the password alone lets nobody in");
    assert_eq!(log_in(&site, PASSWORD, &setting).await.status, 401, "the code of the setting-up was used");
    site.clock.forward(30_000);
    let next = code(&site, &secret);
    assert_eq!(log_in(&site, "nicht-das-Passwort", &next).await.status, 401);
    let done = log_in(&site, PASSWORD, &format!("{} {}", &next[..3], &next[3..])).await;
    assert_eq!(done.status, 303, "{}", done.text);
    assert_eq!(log_in(&site, PASSWORD, &next).await.status, 401, "once");
    site.clock.forward(45_000);
    let late = code(&site, &secret);
    site.clock.forward(30_000);
    assert_eq!(log_in(&site, PASSWORD, &late).await.status, 303, "a clock may be half a minute off");
    assert_eq!(log_in(&site, PASSWORD, &next).await.status, 401, "an older one does not count after a newer");
    site.clock.forward(DAY);
    assert_eq!(log_in(&site, PASSWORD, &late).await.status, 401);

    let rows = site.server.service().database().audit(0, 100).await.unwrap();
    let set = rows.iter().find(|row| row.entry.detail == format!("second factor of {id}")).unwrap();
    assert_eq!((set.entry.act, set.entry.who.as_ref()), (Act::Grant, Some(&id)));
}

#[tokio::test]
async fn guessing_codes_costs_what_guessing_passwords_costs() {
    let site = Site::open().await;
    let (_, mut browser) = lead(&site).await;
    let secret = set_up(&site, &mut browser).await;
    site.clock.forward(60_000);
    let right = code(&site, &secret);
    let wrong = if right == "123456" { "654321" } else { "123456" };
    for _ in 0..6 {
        assert_eq!(log_in(&site, PASSWORD, wrong).await.status, 401);
    }
    let shut = log_in(&site, PASSWORD, &right).await;
    assert_eq!(shut.status, 429, "not even the right one is looked at");
    site.clock.forward(31_000);
    assert_eq!(log_in(&site, PASSWORD, &code(&site, &secret)).await.status, 303);

    let remove = "/console/account/factor/remove";
    for _ in 0..6 {
        let answer = browser.post(remove, &[("code", wrong)]).await;
        assert_eq!(answer.status, 422, "{}", answer.text);
    }
    site.clock.forward(1_000);
    assert_eq!(browser.post(remove, &[("code", wrong)]).await.status, 429);
    assert!(browser.get("/console/account").await.text.contains("已开启"));
    site.clock.forward(60_000);
    assert_eq!(browser.post(remove, &[("code", &code(&site, &secret))]).await.status, 303);
    assert!(!browser.get("/console/account").await.text.contains("已开启"));
    assert_eq!(log_in(&site, PASSWORD, "").await.status, 303, "the password alone again");
}

#[tokio::test]
async fn a_copy_of_the_database_gives_no_codes_and_a_lost_phone_is_helped_at_the_server() {
    let site = Site::open().await;
    let (id, mut browser) = lead(&site).await;
    let secret = set_up(&site, &mut browser).await;
    let bytes = data_encoding::BASE32_NOPAD.decode(secret.as_bytes()).unwrap();
    let copy = site.folder.path().join("copy.db");
    site.server.backup(&copy).await.unwrap();
    let mut files = vec![copy];
    for name in ["gridbook.db", "gridbook.db-wal"] {
        files.push(site.folder.path().join(name));
    }
    for file in files {
        let content = std::fs::read(&file).unwrap();
        let holds = |wanted: &[u8]| content.windows(wanted.len()).any(|part| part == wanted);
        assert!(
            holds(id.as_str().as_bytes())
                || file.ends_with("gridbook.db-wal")
                || file.ends_with("gridbook.db")
        );
        assert!(!holds(&bytes) && !holds(secret.as_bytes()), "{}", file.display());
    }
    let key = site.folder.path().join("second-factor.key");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let aside = site.folder.path().join("aside");
    std::fs::rename(&key, &aside).unwrap();
    site.clock.forward(60_000);
    let answer = log_in(&site, PASSWORD, &code(&site, &secret)).await;
    assert_eq!(answer.status, 500, "without its key nobody gets in, and the log says what to do");
    std::fs::rename(&aside, &key).unwrap();
    site.clock.forward(60_000);
    assert_eq!(log_in(&site, PASSWORD, &code(&site, &secret)).await.status, 303);

    let admin = site.server.admin();
    let person = admin.find_person(id.as_str()).await.unwrap();
    admin.set_console_password(&person, "另一个口令-2026-十一月").await.unwrap();
    assert_eq!(log_in(&site, "另一个口令-2026-十一月", "").await.status, 401, "a new password leaves it on");
    assert!(admin.remove_second_factor(&id).await.unwrap());
    assert!(!admin.remove_second_factor(&id).await.unwrap());
    assert_eq!(log_in(&site, "另一个口令-2026-十一月", "").await.status, 303);
}
