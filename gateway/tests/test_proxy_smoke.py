async def test_smoke(running):
    client = await running.client_of("worker", ("social-worker", "2901003"))
    answer = await client.get("/v1/case-files")
    print(answer.status_code, answer.headers, answer.text)
    assert answer.status_code == 200
    me = await client.get("/v1/me")
    print(me.text)
