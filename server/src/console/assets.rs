//! The style sheet, the scripts and the mark: part of the program, named by what is in them.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

/// Every file: its name, its media type, what is in it.
const FILES: &[(&str, &str, &str)] = &[
    ("console.css", "text/css; charset=utf-8", include_str!("../../assets/console.css")),
    ("print.css", "text/css; charset=utf-8", include_str!("../../assets/print.css")),
    ("diary.js", "text/javascript; charset=utf-8", include_str!("../../assets/diary.js")),
    ("live.js", "text/javascript; charset=utf-8", include_str!("../../assets/live.js")),
    ("mark.svg", "image/svg+xml", include_str!("../../assets/mark.svg")),
];

/// Part of a hash of everything, so that a browser keeps a file until it changes.
static EDITION: LazyLock<String> = LazyLock::new(|| {
    let digest = FILES.iter().fold(Sha256::new(), |digest, (.., text)| digest.chain_update(text));
    data_encoding::HEXLOWER.encode(&digest.finalize()[..6])
});

/// The address of a file.
pub(crate) fn address(name: &str) -> String {
    format!("/console/assets/{name}?{}", *EDITION)
}

/// Answers with a file.
pub(crate) async fn file(Path(name): Path<String>) -> Response {
    let Some((_, media, text)) = FILES.iter().find(|(known, ..)| *known == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let kept = "public, max-age=31536000, immutable";
    ([(header::CONTENT_TYPE, *media), (header::CACHE_CONTROL, kept)], *text).into_response()
}
