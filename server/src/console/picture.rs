//! A text as a QR code: SVG made here, shapes alone, so that the policy of pages needs no exception.

use maud::{Markup, PreEscaped};
use qrcode::render::svg::Color;
use qrcode::{EcLevel, QrCode};

use crate::error::{Error, Result};

/// The picture.
///
/// # Errors
/// [`Error::Database`] if the text is longer than a QR code holds.
pub(crate) fn qr_code(text: &str) -> Result<Markup> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L);
    let code = code.map_err(|error| Error::Database(format!("picture: {error}")))?;
    let svg =
        code.render().dark_color(Color("#000")).light_color(Color("#fff")).min_dimensions(320, 320).build();
    // What stands before is for files.
    let begin = svg.find("<svg").unwrap_or(0);
    Ok(PreEscaped(svg[begin..].to_owned()))
}
