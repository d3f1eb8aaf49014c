//! Bodies of requests and answers: as they come, and as the CBOR inside.

#![no_main]

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use gridbook_core::sync::encoding::{decode, encode};
use gridbook_core::sync::protocol::{
    EnrolRequest, EnrolResponse, RecoverRequest, RecoverResponse, SyncRequest, SyncResponse,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = decode::<SyncRequest>(bytes);
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    let Ok(body) = gzip.write_all(bytes).and_then(|()| gzip.finish()) else { return };
    if let Ok(request) = decode::<SyncRequest>(&body) {
        encode(&request).expect("what was read can be written");
    }
    let _ = decode::<EnrolRequest>(&body);
    let _ = decode::<EnrolResponse>(&body);
    let _ = decode::<RecoverRequest>(&body);
    let _ = decode::<RecoverResponse>(&body);
    if let Ok(answer) = decode::<SyncResponse>(&body) {
        encode(&answer).expect("what was read can be written");
    }
});
