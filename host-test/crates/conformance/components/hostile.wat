;; A component that implements `bot:action` and misbehaves. The name of the action chooses how. Its form is empty: an action
;; is run by its name.
;;
;; Memory: text from 1024; results from 8192; results of imports from 12288; a list of 100 outputs from 16384; what the
;; host passes in from 65536; 1 MiB of `x` from 1048576; what `remember` keeps from 2097152.
(module
  (import "wasi:http/types@0.2.2" "[constructor]fields" (func $fields (result i32)))
  (import "wasi:http/types@0.2.2" "[method]fields.append" (func $append (param i32 i32 i32 i32 i32 i32)))
  (import "wasi:http/types@0.2.2" "[constructor]outgoing-request" (func $request (param i32) (result i32)))
  (import "wasi:http/types@0.2.2" "[method]outgoing-request.set-method"
    (func $set-method (param i32 i32 i32 i32) (result i32)))
  (import "wasi:http/types@0.2.2" "[method]outgoing-request.set-scheme"
    (func $set-scheme (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi:http/types@0.2.2" "[method]outgoing-request.set-authority"
    (func $set-authority (param i32 i32 i32 i32) (result i32)))
  (import "wasi:http/types@0.2.2" "[method]outgoing-request.set-path-with-query"
    (func $set-path (param i32 i32 i32 i32) (result i32)))
  (import "wasi:http/outgoing-handler@0.2.2" "handle" (func $handle (param i32 i32 i32 i32)))
  (import "wasi:http/types@0.2.2" "[method]future-incoming-response.subscribe"
    (func $subscribe (param i32) (result i32)))
  (import "wasi:io/poll@0.2.2" "[method]pollable.block" (func $block (param i32)))
  (import "wasi:io/poll@0.2.2" "[resource-drop]pollable" (func $drop-pollable (param i32)))
  (import "wasi:http/types@0.2.2" "[method]future-incoming-response.get" (func $get (param i32 i32)))
  (import "wasi:http/types@0.2.2" "[method]incoming-response.consume" (func $consume (param i32 i32)))
  (import "wasi:http/types@0.2.2" "[method]incoming-body.stream" (func $stream (param i32 i32)))
  (import "wasi:io/streams@0.2.2" "[method]input-stream.blocking-read" (func $read (param i32 i64 i32)))
  (import "wasi:io/streams@0.2.2" "[resource-drop]input-stream" (func $drop-stream (param i32)))
  (import "wasi:http/types@0.2.2" "[resource-drop]incoming-body" (func $drop-body (param i32)))
  (import "wasi:http/types@0.2.2" "[resource-drop]incoming-response" (func $drop-response (param i32)))
  (import "wasi:http/types@0.2.2" "[resource-drop]future-incoming-response" (func $drop-future (param i32)))

  ;; 40 pages of 64 KiB: 2.5 MiB.
  (memory (export "memory") 40)
  (data (i32.const 1024) "behave")
  (data (i32.const 1040) "trap")
  (data (i32.const 1056) "loop")
  (data (i32.const 1072) "grow")
  (data (i32.const 1088) "recurse")
  (data (i32.const 1104) "return-100-mib")
  (data (i32.const 1120) "return-2-mib")
  (data (i32.const 1136) "return-nowhere")
  (data (i32.const 1152) "remember")
  (data (i32.const 1168) "ask")
  (data (i32.const 1184) "request-failed")
  (data (i32.const 1200) "unknown-action")
  (data (i32.const 1216) "previous")
  (data (i32.const 1232) "result")
  (data (i32.const 1248) "It grew to 64 MiB.")
  (data (i32.const 1280) "wasi:http error code 00")
  (data (i32.const 1312) "replace")
  (data (i32.const 1328) "replacement")
  (data (i32.const 1344) "Bearer")
  (data (i32.const 1360) "https://api.mypurecloud.de")

  ;; Where the next thing goes that the host passes in.
  (global $next (mut i32) (i32.const 65536))

  (func (export "cabi_realloc") (param $old i32) (param $old-size i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
    (if (i32.gt_u (i32.add (local.get $at) (local.get $size)) (i32.const 1048576)) (then unreachable))
    (memory.copy (local.get $at) (local.get $old) (local.get $old-size))
    (global.set $next (i32.add (local.get $at) (local.get $size)))
    (local.get $at))

  (func $is (param $a i32) (param $a-size i32) (param $b i32) (param $b-size i32) (result i32)
    (if (i32.ne (local.get $a-size) (local.get $b-size)) (then (return (i32.const 0))))
    (loop $bytes
      (if (i32.eqz (local.get $a-size)) (then (return (i32.const 1))))
      (if (i32.ne (i32.load8_u (local.get $a)) (i32.load8_u (local.get $b))) (then (return (i32.const 0))))
      (local.set $a (i32.add (local.get $a) (i32.const 1)))
      (local.set $b (i32.add (local.get $b) (i32.const 1)))
      (local.set $a-size (i32.sub (local.get $a-size) (i32.const 1)))
      (br $bytes))
    unreachable)

  ;; Success without outputs: zeros.
  (func $behave (result i32)
    (memory.fill (i32.const 8192) (i32.const 0) (i32.const 64))
    (i32.const 8192))

  ;; Success with one output.
  (func $output (param $name i32) (param $name-size i32) (param $value i32) (param $value-size i32) (result i32)
    (drop (call $behave))
    (i32.store (i32.const 8196) (i32.const 8256))
    (i32.store (i32.const 8200) (i32.const 1))
    (i32.store (i32.const 8256) (local.get $name))
    (i32.store (i32.const 8260) (local.get $name-size))
    (i32.store (i32.const 8264) (local.get $value))
    (i32.store (i32.const 8268) (local.get $value-size))
    (i32.const 8192))

  ;; Success with a session that replaces the former one: the change with index 2.
  (func $replace (result i32)
    (drop (call $behave))
    (i32.store8 (i32.const 8204) (i32.const 2))
    (i32.store (i32.const 8208) (i32.const 1328))
    (i32.store (i32.const 8212) (i32.const 11))
    (i32.store (i32.const 8216) (i32.const 1344))
    (i32.store (i32.const 8220) (i32.const 6))
    (i32.store (i32.const 8224) (i32.const 1360))
    (i32.store (i32.const 8228) (i32.const 26))
    (i32.const 8192))

  ;; A failure with this code and message, which another call does not help.
  (func $failure (param $code i32) (param $code-size i32) (param $message i32) (param $message-size i32) (result i32)
    (drop (call $behave))
    (i32.store (i32.const 8192) (i32.const 1))
    (i32.store (i32.const 8196) (local.get $code))
    (i32.store (i32.const 8200) (local.get $code-size))
    (i32.store (i32.const 8224) (local.get $message))
    (i32.store (i32.const 8228) (local.get $message-size))
    (i32.const 8192))

  ;; Takes 64 MiB, one at a time, and uses each.
  (func $grow (result i32)
    (local $page i32)
    (loop $more
      (local.set $page (memory.grow (i32.const 16)))
      (if (i32.eq (local.get $page) (i32.const -1)) (then unreachable))
      (i32.store (i32.shl (local.get $page) (i32.const 16)) (i32.const 1))
      (br_if $more (i32.lt_u (local.get $page) (i32.const 1024))))
    (call $output (i32.const 1232) (i32.const 6) (i32.const 1248) (i32.const 18)))

  (func $recurse (param $depth i32) (result i32)
    (i32.add (call $recurse (i32.add (local.get $depth) (i32.const 1))) (i32.const 1)))

  ;; One megabyte in the component, a hundred when it is copied.
  (func $return-100-mib (result i32)
    (local $output i32)
    (local.set $output (i32.const 16384))
    (memory.fill (i32.const 1048576) (i32.const 120) (i32.const 1048576))
    (loop $more
      (i32.store (local.get $output) (i32.const 1232))
      (i32.store offset=4 (local.get $output) (i32.const 6))
      (i32.store offset=8 (local.get $output) (i32.const 1048576))
      (i32.store offset=12 (local.get $output) (i32.const 1048576))
      (local.set $output (i32.add (local.get $output) (i32.const 16)))
      (br_if $more (i32.lt_u (local.get $output) (i32.const 17984))))
    (drop (call $behave))
    (i32.store (i32.const 8196) (i32.const 16384))
    (i32.store (i32.const 8200) (i32.const 100))
    (i32.const 8192))

  (func $return-2-mib (result i32)
    (memory.fill (i32.const 524288) (i32.const 120) (i32.const 2097152))
    (call $output (i32.const 1232) (i32.const 6) (i32.const 524288) (i32.const 2097152)))

  ;; Keeps the value of its first argument in memory, and returns what was there before.
  (func $remember (param $arguments i32) (result i32)
    (local $value i32) (local $size i32) (local $before i32)
    (local.set $value (i32.load offset=12 (local.get $arguments)))
    (local.set $size (i32.load offset=16 (local.get $arguments)))
    (local.set $before (i32.load (i32.const 2097152)))
    (memory.copy (i32.const 2097408) (i32.const 2097156) (i32.const 200))
    (i32.store (i32.const 2097152) (local.get $size))
    (memory.copy (i32.const 2097156) (local.get $value) (local.get $size))
    (call $output (i32.const 1216) (i32.const 8) (i32.const 2097408) (local.get $before)))

  ;; Sends requests and reads the answers to their end. Arguments: host, path, method, scheme, header (may be empty), and as
  ;; many characters as there are to be requests.
  (func $ask (param $arguments i32) (result i32)
    (local $left i32) (local $code i32)
    (local.set $left (i32.load offset=236 (local.get $arguments)))
    (loop $again
      (local.set $code (call $ask-once (local.get $arguments)))
      (if (i32.ne (local.get $code) (i32.const -1)) (then
        (i32.store8 (i32.const 1301) (i32.add (i32.const 48) (i32.div_u (local.get $code) (i32.const 10))))
        (i32.store8 (i32.const 1302) (i32.add (i32.const 48) (i32.rem_u (local.get $code) (i32.const 10))))
        (return (call $failure (i32.const 1184) (i32.const 14) (i32.const 1280) (i32.const 23)))))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br_if $again (local.get $left)))
    (call $behave))

  ;; The number of the error code, or -1.
  (func $ask-once (param $arguments i32) (result i32)
    (local $headers i32) (local $request i32) (local $future i32) (local $pollable i32) (local $response i32)
    (local $body i32) (local $stream i32) (local $mark i32)
    (local.set $headers (call $fields))
    (if (i32.load offset=192 (local.get $arguments)) (then
      (call $append (local.get $headers)
        (i32.load offset=188 (local.get $arguments)) (i32.load offset=192 (local.get $arguments))
        (i32.const 1024) (i32.const 6) (i32.const 12288))))
    (local.set $request (call $request (local.get $headers)))
    ;; The 10th method is `other`, with its name.
    (drop (call $set-method (local.get $request) (i32.const 9)
      (i32.load offset=100 (local.get $arguments)) (i32.load offset=104 (local.get $arguments))))
    ;; `https` is the second scheme, `http` the first.
    (drop (call $set-scheme (local.get $request) (i32.const 1)
      (i32.eq (i32.load offset=148 (local.get $arguments)) (i32.const 5)) (i32.const 0) (i32.const 0)))
    (drop (call $set-authority (local.get $request) (i32.const 1)
      (i32.load offset=12 (local.get $arguments)) (i32.load offset=16 (local.get $arguments))))
    (drop (call $set-path (local.get $request) (i32.const 1)
      (i32.load offset=56 (local.get $arguments)) (i32.load offset=60 (local.get $arguments))))
    (call $handle (local.get $request) (i32.const 0) (i32.const 0) (i32.const 12288))
    (if (i32.load8_u (i32.const 12288)) (then (return (i32.load8_u (i32.const 12296)))))
    (local.set $future (i32.load (i32.const 12296)))
    (local.set $pollable (call $subscribe (local.get $future)))
    (call $block (local.get $pollable))
    (call $drop-pollable (local.get $pollable))
    (call $get (local.get $future) (i32.const 12288))
    (if (i32.load8_u (i32.const 12304)) (then (return (i32.load8_u (i32.const 12312)))))
    (local.set $response (i32.load (i32.const 12312)))
    (call $consume (local.get $response) (i32.const 12288))
    (local.set $body (i32.load (i32.const 12292)))
    (call $stream (local.get $body) (i32.const 12288))
    (local.set $stream (i32.load (i32.const 12292)))
    (local.set $mark (global.get $next))
    (block $end
      (loop $more
        (global.set $next (local.get $mark))
        (call $read (local.get $stream) (i64.const 16384) (i32.const 12288))
        (br_if $more (i32.eqz (i32.load8_u (i32.const 12288))))))
    ;; `closed` is the second kind of stream error; the first is a failure.
    (if (i32.eqz (i32.load8_u (i32.const 12292))) (then (return (i32.const 99))))
    (call $drop-stream (local.get $stream))
    (call $drop-body (local.get $body))
    (call $drop-response (local.get $response))
    (call $drop-future (local.get $future))
    (i32.const -1))

  (func (export "bot:action/run@0.2.0#run")
    (param $name i32) (param $size i32) (param $arguments i32) (param $count i32) (result i32)
    (if (call $is (local.get $name) (local.get $size) (i32.const 1024) (i32.const 6)) (then (return (call $behave))))
    (if (call $is (local.get $name) (local.get $size) (i32.const 1040) (i32.const 4)) (then unreachable))
    (if (call $is (local.get $name) (local.get $size) (i32.const 1056) (i32.const 4)) (then (loop $ever (br $ever))))
    (if (call $is (local.get $name) (local.get $size) (i32.const 1072) (i32.const 4)) (then (return (call $grow))))
    (if (call $is (local.get $name) (local.get $size) (i32.const 1088) (i32.const 7))
      (then (drop (call $recurse (i32.const 0)))))
    (if (call $is (local.get $name) (local.get $size) (i32.const 1104) (i32.const 14))
      (then (return (call $return-100-mib))))
    (if (call $is (local.get $name) (local.get $size) (i32.const 1120) (i32.const 12))
      (then (return (call $return-2-mib))))
    (if (call $is (local.get $name) (local.get $size) (i32.const 1136) (i32.const 14))
      (then (return (call $output (i32.const 1232) (i32.const 6) (i32.const 1048576) (i32.const 104857600)))))
    (if (call $is (local.get $name) (local.get $size) (i32.const 1152) (i32.const 8))
      (then (return (call $remember (local.get $arguments)))))
    (if (call $is (local.get $name) (local.get $size) (i32.const 1168) (i32.const 3))
      (then (return (call $ask (local.get $arguments)))))
    (if (call $is (local.get $name) (local.get $size) (i32.const 1312) (i32.const 7)) (then (return (call $replace))))
    (call $failure (i32.const 1200) (i32.const 14) (i32.const 1200) (i32.const 14)))

  ;; No errors; the code of the error; no actions.
  (func (export "bot:action/run@0.2.0#check") (param i32 i32 i32 i32) (result i32)
    (call $behave))
  (func (export "bot:action/run@0.2.0#explain")
    (param i32 i32) (param $code i32) (param $size i32)
    (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
    (i32.store (i32.const 8192) (local.get $code))
    (i32.store (i32.const 8196) (local.get $size))
    (i32.const 8192))
  (func (export "bot:action/form@0.2.0#actions") (param i32 i32) (result i32)
    (call $behave)))
